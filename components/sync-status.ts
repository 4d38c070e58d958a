import {html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, state} from 'lit/decorators.js';
import {langOf, type Speech, speechFor, type Texts} from './locales/texts.js';
import type {SyncState} from './shared/core.js';
import {SyncConnectRequestEvent, SyncReloadRequestEvent, SyncRetryRequestEvent} from './shared/events.js';
import {timeAgo} from './shared/relative-time.js';
import {ServiceConsumer} from './shared/service-consumer.js';
import {StatusStates} from './shared/status-states.js';
import {pageTicker} from './shared/ticker.js';
import {Announcer} from './status/announcer.js';
import {type Action, type Description, describe} from './status/describe.js';
import {icon} from './status/icons.js';
import {statusStyles} from './status/status-styles.js';
import {SteadyState} from './status/steady-state.js';

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
 * @csspart time - When all was well for the last time.
 * @csspart action - The button.
 * @cssproperty --sync-font - Font shorthand. Default: the page's.
 * @cssproperty --sync-color - Colour of the words. Default: the page's.
 * @cssproperty --sync-secondary-color - Colour of count and time.
 * @cssproperty --sync-good-color - Icon while all is well.
 * @cssproperty --sync-busy-color - Icon while something is under way.
 * @cssproperty --sync-quiet-color - Icon while not connected on purpose.
 * @cssproperty --sync-attention-color - Icon while offline or signed out.
 * @cssproperty --sync-bad-color - Icon of an error.
 * @cssproperty --sync-focus-color - Ring around the focused button.
 * @cssproperty --sync-action-border - Colour of the button's border.
 * @cssproperty --sync-icon-size - Default 1.1em.
 * @cssproperty --sync-label-weight - Default 500.
 * @cssproperty --sync-gap - Default 0.4em.
 * @cssproperty --sync-radius - Of the button. Default 0.4em.
 * @cssstate needs-auth - One state for each status, as it is shown: error, offline, reconnecting, connecting, syncing,
 *   pending, synced, idle.
 */
export class SyncStatus extends LitElement {
  static override styles = statusStyles;

  /** Id of a provider, or as property the element. Default: the nearest one above. */
  @property() provider: string | Element | null | undefined;
  /** `inline`; what this version doesn't know is shown inline. */
  @property() variant = 'inline';
  /** Shows nothing while all is saved. */
  @property({type: Boolean, reflect: true}) quiet = false;
  /** `polite`, or `off` where the page announces by itself. */
  @property() announce: 'polite' | 'off' | (string & {}) = 'polite';
  /** Texts to use in place of ours, one or several. */
  @property({attribute: false}) texts: Partial<Texts> | undefined;
  @state() private said = '';

  readonly #states: StatusStates;
  readonly #steady = new SteadyState(() => this.requestUpdate());
  readonly #announcer = new Announcer(state => this.#say(state));
  readonly #tick = (): void => this.requestUpdate();
  readonly #consumer = new ServiceConsumer(this, state => {
    this.#steady.offer(state);
    this.#announcer.offer(state);
  });

  constructor() {
    super();
    this.#states = new StatusStates(this.attachInternals());
  }

  /** What is shown at present, which follows the service's state without its flicker. */
  get shown(): SyncState | undefined {
    return this.#steady.shown;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#announcer.reset();
    pageTicker.cancel(this.#tick);
  }

  protected override updated(_changed: PropertyValues): void {
    this.#states.show(this.#steady.shown?.status);
  }

  protected override render(): TemplateResult {
    const shown = this.#steady.shown;
    const speech = speechFor(langOf(this), this.texts);
    return html`${shown ? this.#visible(shown, speech) : nothing}<span
        class="said"
        role="status"
        lang=${speech.format.lang}
        >${this.announce === 'off' ? '' : this.said}</span
      >`;
  }

  #visible(shown: SyncState, speech: Speech): TemplateResult {
    const told = describe(shown, speech);
    const time = this.#time(told, speech);
    return html`<span
      class="base ${told.tone}"
      part="base"
      lang=${speech.format.lang}
      ?hidden=${this.quiet && shown.status === 'synced' && shown.durable}
    >
      <span class="icon" part="icon"><slot name="icon">${icon(told.icon)}</slot></span>
      <span class="label" part="label"><slot name="label">${told.label}</slot></span>
      ${more('count', told.count)} ${more('note', told.note)} ${more('time', time)}
      ${told.action ? this.#button(told.action) : nothing}
    </span>`;
  }

  #button(action: Action): TemplateResult {
    return html`<button type="button" part="action" @click=${() => this.#request(action)}>${action.label}</button>`;
  }

  /** "last synced 5 minutes ago", and an appointment for when that is no longer true. */
  #time({since}: Description, {texts, format}: Speech): string {
    pageTicker.cancel(this.#tick);
    if (since === null) return '';
    const {step, nextAt} = timeAgo(since, Date.now());
    if (this.isConnected) pageTicker.schedule(this.#tick, nextAt);
    return texts.lastSynced(step ? format.relative(step.value, step.unit) : texts.justNow);
  }

  #request({request}: Action): void {
    const service = this.#consumer.service;
    // What comes of it shows in the state; there is nobody else to tell.
    const quietly = (work: Promise<unknown> | undefined) => work?.catch(() => {});
    switch (request) {
      case 'connect':
      case 'sign-in': {
        const reason = request === 'sign-in' ? 'sign-in' : 'retry';
        if (this.dispatchEvent(new SyncConnectRequestEvent(reason))) quietly(service?.forceConnect());
        return;
      }
      case 'retry':
        if (this.dispatchEvent(new SyncRetryRequestEvent())) quietly(service?.retry());
        return;
      case 'reload':
        if (this.dispatchEvent(new SyncReloadRequestEvent())) location.reload();
        return;
    }
  }

  #say(state: SyncState): void {
    const {label, count, note} = describe(state, speechFor(langOf(this), this.texts));
    this.said = [label, count, note].filter(Boolean).join(', ');
  }
}

function more(part: string, text: string): TemplateResult | typeof nothing {
  return text ? html`<span class="more" part=${part}><span aria-hidden="true">· </span>${text}</span>` : nothing;
}
