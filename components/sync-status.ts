import {html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult} from 'lit';
import {statusTexts} from './locales/en/status.js';
import type {Format} from './locales/format.js';
import type {Texts} from './locales/texts.js';
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
export class SyncStatus extends LitElement {
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
  #painter: Painter | undefined;
  #told: Description | undefined;
  #said = '';
  /** In which language that was. */
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

  protected override updated(changed: PropertyValues<this>): void {
    const {service} = this.#consumer;
    if (service && changed.has('announce')) this.#join(service);
    this.#write();
    this.#dress();
    if (changed.has('details')) this.#name();
    if (this.details) this.#load();
  }

  protected override firstUpdated(): void {
    this.#painter = new Painter(this.#base() as HTMLElement);
    if (this.#told) this.#painter.write(this.#told);
  }

  /** The parts, which the painter fills. */
  protected override render(): TemplateResult {
    const {format} = this.#speaker.speech;
    const {lang, dir} = format;
    const said = this.announce === 'off' || format !== this.#tongue ? '' : this.#said;
    return html`<span class="base" part="base" lang=${lang} dir=${dir} @pointerenter=${this.#name}>
        <span class="icon" part="icon"
          ><slot name="icon"><svg viewBox="0 0 16 16" aria-hidden="true"></svg></slot
        ></span>
        <span class="texts">
          <span class="lead">
            <span class="label" part="label" id="label"><slot name="label"></slot></span>
            <span class="more count" part="count"></span>
          </span>
          <span class="more note" part="note"></span>
          <span class="more time" part="time"></span>
        </span>
        ${this.details ? this.#cover() : nothing}
        <button class="button" part="action" type="button" @click=${this.#act}></button>
      </span>
      <span class="said" role="status" lang=${lang} dir=${dir}>${said}</span>
      ${(this.details && this.#details?.render()) || nothing}`;
  }

  /** A button over all but the other button: one template serves with details and without. */
  #cover(): TemplateResult {
    const {texts, format} = this.#speaker.speech;
    return html`<button
      class="cover"
      type="button"
      id="cover"
      aria-labelledby="label cover"
      aria-label=${format.say(texts.details)}
      aria-haspopup="dialog"
      popovertarget="details"
      @click=${this.#load}
    ></button>`;
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
    const cover = this.renderRoot.querySelector<HTMLElement>('.cover');
    const heir = [cover, this.#base(), this.#region()].find(each => each?.checkVisibility());
    if (heir && heir !== cover) heir.tabIndex = -1;
    heir?.focus();
  }

  #region(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('.said');
  }

  /** Not the first element: where a server rendered it, that is its style. */
  #base(): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>('[part=base]');
  }

  /** What has no room is read by who points at it; made then, because a page may hold a thousand. */
  readonly #name = (): void => {
    const {label = '', count, note, time} = this.#told ?? {};
    const base = this.#base();
    if (base) base.title = this.details ? '' : [label, count, note, time].filter(Boolean).join(' · ');
  };

  readonly #act = (): void => {
    const {action} = this.#told ?? {};
    if (action) requestFromService(this, this.#consumer.service, action.request);
  };

  readonly #voice = {
    isHeard: (): boolean => this.#region()?.checkVisibility({visibilityProperty: true}) ?? false,
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
