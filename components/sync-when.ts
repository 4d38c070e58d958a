import type {CSSResult, PropertyDeclarations} from '@lit/reactive-element';
import {BareElement} from './shared/bare-element.js';
import {css} from './shared/css.js';
import {ServiceConsumer} from './shared/service-consumer.js';
import {showSlotted} from './shared/slotted.js';
import {StateFeed} from './shared/state-feed.js';

/**
 * Shows what is in it while the status is one of those named, and only once that status has lasted: what passes in less
 * than half a second is not shown. Hide it before its upgrade with `sync-when:not(:defined) { display: none; }`.
 *
 * @summary Shows its content in certain statuses.
 * @slot - What to show.
 * @cssstate matching - The content shows.
 */
export class SyncWhen extends BareElement {
  static override styles: CSSResult = css`:host { display: contents; } :host([hidden]) { display: none; }`;
  static override properties: PropertyDeclarations = {provider: {}, status: {}};

  /** Id of a provider, or as property the element. Default: the nearest one above. */
  declare provider: string | Element | null | undefined;
  /** One status or several, between blanks: `offline reconnecting`. */
  declare status: string | null | undefined;

  readonly #internals = this.attachInternals();
  #feed: StateFeed | undefined;
  #shows = false;

  constructor() {
    super();
    new ServiceConsumer(this, service => {
      this.#feed = StateFeed.of(service);
      const stop = this.#feed.subscribe(() => {
        if (this.#matches() !== this.#shows) this.requestUpdate();
      });
      return () => {
        stop();
        this.#feed = undefined;
      };
    });
  }

  protected override updated(): void {
    this.#shows = this.#matches();
    if (this.#shows) this.#internals.states.add('matching');
    else this.#internals.states.delete('matching');
    showSlotted(this.renderRoot, this.#shows);
  }

  #matches(): boolean {
    const shown = this.#feed?.shown?.status;
    return shown !== undefined && (this.status ?? '').split(/\s+/).includes(shown);
  }
}
