import type {PropertyDeclarations, PropertyValues} from '@lit/reactive-element';
import {statusTexts} from './locales/en/status.js';
import type {Format} from './locales/format.js';
import type {Texts} from './locales/texts.js';
import {BareElement, make} from './shared/bare-element.js';
import type {SyncState} from './shared/core.js';
import type {Listens, SyncStatusEventMap} from './shared/events.js';
import {requestFromService} from './shared/requests.js';
import type {SyncService} from './shared/service.js';
import {ServiceConsumer} from './shared/service-consumer.js';
import {Speaker} from './shared/speaker.js';
import {StateFeed} from './shared/state-feed.js';
import {StatusStates} from './shared/status-states.js';
import {tokens} from './shared/tokens.js';
import {AnnouncementDesk} from './status/announcer.js';
import {type Description, describe} from './status/describe.js';
import {statusFrame} from './status/frame.js';
import {Painter} from './status/painter.js';
import {statusStyles} from './status/status-styles.js';
import {tell} from './status/tell.js';

/** On demand: only pages that ask for details pay for them. */
type Details = import('./details/details.js').Details;

/**
 * Tells the person in front of the page the truth about what is saved, in an icon and words, and offers what they can
 * do about it. Empty while there is no provider.
 *
 * @summary The state of sync, for people.
 * @slot icon - Replaces the icon.
 * @slot label - Replaces the words of the status; count, time and button stay.
 * @event {SyncConnectRequestEvent} sync-connect-request - The button asks for the line. Cancelable; default: `forceConnect`.
 * @event {SyncRetryRequestEvent} sync-retry-request - The button asks to try what failed again. Cancelable; default: `retry`.
 * @event {SyncReloadRequestEvent} sync-reload-request - The button asks for a new page. Cancelable; default: `location.reload`.
 * @csspart base - All that is visible.
 * @csspart icon - The icon.
 * @csspart label - The words of the status.
 * @csspart count - What waits, or what has come.
 * @csspart note - What else must be said: that nothing is kept here.
 * @csspart time - When all was well for the last time.
 * @csspart action - The button.
 * @csspart details - The popover with the details.
 * @cssstate needs-auth - It says that somebody has to sign in. One state for each status, as it is shown.
 * @cssstate error - It says that something needs a person.
 * @cssstate offline - It says that there is no network, or no server.
 * @cssstate reconnecting - It says that the line is being opened again.
 * @cssstate connecting - It says that the line is being opened.
 * @cssstate syncing - It says that it is catching up.
 * @cssstate pending - It says that changes wait.
 * @cssstate synced - It says that everything is saved.
 * @cssstate idle - It says that it is not connected, on purpose.
 */
export class SyncStatus extends BareElement {
  static override styles = [tokens, statusStyles];
  static override properties: PropertyDeclarations = {
    provider: {},
    variant: {reflect: true},
    quiet: {type: Boolean, reflect: true},
    announce: {},
    details: {type: Boolean, reflect: true},
    texts: {attribute: false},
  };

  declare addEventListener: Listens<SyncStatus, SyncStatusEventMap>;

  /** Id of a provider, or as property the element. Default: the nearest one above. */
  declare provider: string | Element | null | undefined;
  /** `inline`, `badge` (a pill), `dot` (the icon; words for screen readers) or `bar` (a full line). What this version doesn't know is shown inline. */
  declare variant: 'inline' | 'badge' | 'dot' | 'bar';
  /** Shows nothing while all is saved. */
  declare quiet: boolean;
  /** `polite`, or `off` where the page announces by itself. */
  declare announce: 'polite' | 'off';
  /** Makes a button of the status, which opens a popover with the whole truth. */
  declare details: boolean;
  /** Texts to use in place of ours, one or several. */
  declare texts: Partial<Texts> | null | undefined;

  readonly #states: StatusStates;
  readonly #speaker = new Speaker(this, statusTexts);
  readonly #consumer = new ServiceConsumer(this, service => {
    this.#feed = StateFeed.of(service);
    const stop = this.#feed.subscribe(this.#write, this.#dress);
    this.#join(service);
    return () => {
      stop();
      this.#leave?.();
      this.#feed = this.#leave = undefined;
    };
  });
  #feed: StateFeed | undefined;
  /** Leaves those who announce. */
  #leave: (() => void) | undefined;
  /** What is visible, and what is only heard; both from the first drawing on. */
  #base: HTMLElement | undefined;
  #region: HTMLElement | undefined;
  #painter: Painter | undefined;
  /** A button over all but the other button. */
  #cover: HTMLButtonElement | undefined;
  #told: Description | undefined;
  /** What was said last, and in which language. */
  #said = '';
  #tongue: Format | undefined;
  #details: Details | undefined;

  constructor() {
    super();
    this.variant = 'inline';
    this.quiet = this.details = false;
    this.announce = 'polite';
    this.#states = new StatusStates(this.attachInternals());
  }

  /** What is shown at present, which follows the service's state without its flicker. */
  get shown(): SyncState | undefined {
    return this.#feed?.shown;
  }

  protected override firstUpdated(): void {
    this.#base = statusFrame();
    this.#region = make('span', {class: 'said', role: 'status'});
    this.#base.addEventListener('pointerenter', this.#name);
    this.#base.lastElementChild?.addEventListener('click', this.#act);
    // Not the first where a server rendered the element: that is the style. Not the last where the details are drawn.
    this.renderRoot.append(this.#base, this.#region);
    this.#painter = new Painter(this.#base);
    if (this.#told) this.#painter.write(this.#told);
  }

  protected override updated(changed: PropertyValues<this>): void {
    const {service} = this.#consumer;
    if (service && changed.has('announce')) this.#join(service);
    this.#speak();
    this.#write();
    this.#dress();
    if (changed.has('details')) this.#name();
    if (this.details) this.#load();
  }

  /** All that has a language but the words that are told. */
  #speak(): void {
    const {texts, format} = this.#speaker.speech;
    for (const each of [this.#base, this.#region]) {
      if (each?.lang === format.lang) continue;
      each?.setAttribute('lang', format.lang);
      each?.setAttribute('dir', format.dir);
    }
    const said = this.announce === 'off' || format !== this.#tongue ? '' : this.#said;
    if (this.#region && this.#region.textContent !== said) this.#region.textContent = said;
    if (!this.details) return this.#cover?.remove();
    this.#cover ??= this.#makeCover();
    this.#cover.ariaLabel = format.say(texts.details);
    if (!this.#cover.parentNode) this.#base?.lastElementChild?.before(this.#cover);
  }

  #makeCover(): HTMLButtonElement {
    const cover = make('button', {
      class: 'cover',
      type: 'button',
      id: 'cover',
      'aria-labelledby': 'label cover',
      'aria-haspopup': 'dialog',
      popovertarget: 'details',
    });
    cover.addEventListener('click', this.#load);
    return cover;
  }

  /** Early, and again at a click where that failed: who opens the details may be offline. */
  readonly #load = (): void => {
    if (this.#details) return;
    import('./details/details.js').then(
      ({Details}) => {
        this.#details ??= new Details(this, () => this.#consumer.service, this.#act);
        this.requestUpdate();
      },
      () => {},
    );
  };

  #join(service: SyncService): void {
    this.#leave?.();
    this.#leave = this.announce === 'off' ? undefined : AnnouncementDesk.of(service).join(this.#voice);
  }

  readonly #write = (): void => {
    const told = this.#feed && tell(this.#feed, this.#speaker.speech);
    if (told === this.#told) return;
    this.#told = told;
    if (told) this.#painter?.write(told);
  };

  readonly #dress = (): void => {
    if (this.#painter?.dress(this.#told, this.variant === 'badge')) this.#catch();
    this.#states.show(this.#told && this.shown?.status);
  };

  /** The button that had the focus has gone: to what is left of us, so that who pressed it isn't sent to the top. */
  #catch(): void {
    const heir = [this.#cover, this.#base, this.#region].find(each => each?.checkVisibility());
    if (heir && heir !== this.#cover) heir.tabIndex = -1;
    heir?.focus();
  }

  /** What has no room is read by who points at it; made then, because a page may hold a thousand. */
  readonly #name = (): void => {
    const {label = '', count, note, time} = this.#told ?? {};
    if (this.#base) this.#base.title = this.details ? '' : [label, count, note, time].filter(Boolean).join(' · ');
  };

  readonly #act = (): void => {
    const {action} = this.#told ?? {};
    if (action) requestFromService(this, this.#consumer.service, action.request);
  };

  readonly #voice = {
    isHeard: (): boolean => this.#region?.checkVisibility({visibilityProperty: true}) ?? false,
    speak: (state: SyncState): void => {
      const {speech} = this.#speaker;
      const {label, count, note} = describe(state, speech, Date.now()).description;
      const words = [label, count, note].filter(Boolean).join(', ');
      // Only a text that is another one is heard; the same again differs by a blank.
      this.#said = words === this.#said ? `${words}\u00a0` : words;
      this.#tongue = speech.format;
      this.requestUpdate();
    },
  };
}
