import type {PropertyDeclarations} from '@lit/reactive-element';
import {BareElement, make} from './shared/bare-element.js';
import type {SyncService} from './shared/service.js';
import {ServiceConsumer} from './shared/service-consumer.js';
import {tokens} from './shared/tokens.js';

/** On demand: nobody but a developer opens it. */
type Inspector = import('./inspector/inspector.js').Inspector;

/**
 * For developers: what this tab, its queue and its line are doing, and a report to copy. In English. Records only while
 * it is open; what happened before comes from the engine's own short history.
 *
 * @summary A panel for developers.
 * @csspart toggle - The button that opens and closes it.
 * @csspart panel - The panel.
 * @csspart copy - The button that copies the report.
 */
export class SyncInspector extends BareElement {
  static override styles = [tokens];
  static override properties: PropertyDeclarations = {provider: {}, open: {type: Boolean, reflect: true}};

  /** Id of a provider, or as property the element. Default: the nearest one above. */
  declare provider: string | Element | null | undefined;
  /** Whether the panel shows. */
  declare open: boolean;

  readonly #consumer = new ServiceConsumer(this, service => {
    this.#follow(service);
    return () => this.#unfollow();
  });
  #button: HTMLElement | undefined;
  #inspector: Inspector | undefined;
  #stop: (() => void) | undefined;

  constructor() {
    super();
    this.open = false;
  }

  protected override willUpdate(): void {
    if (!this.open) this.#unfollow();
    else if (this.#inspector) this.#follow(this.#consumer.service);
    else void this.#load();
  }

  protected override firstUpdated(): void {
    this.#button = make(
      'button',
      {part: 'toggle', type: 'button', 'aria-controls': 'panel'},
      new Text('Sync inspector'),
    );
    this.#button.addEventListener('click', this.#toggle);
    this.renderRoot.append(this.#button);
  }

  protected override updated(): void {
    this.#button?.setAttribute('aria-expanded', String(this.open));
    this.#inspector?.draw(this.open);
  }

  async #load(): Promise<void> {
    const loaded = await import('./inspector/inspector.js').catch(() => undefined);
    if (!loaded || this.#inspector) return;
    this.#inspector = new loaded.Inspector(this);
    const {styleSheet} = loaded.inspectorStyles;
    const {shadowRoot} = this;
    if (styleSheet && shadowRoot) shadowRoot.adoptedStyleSheets = [...shadowRoot.adoptedStyleSheets, styleSheet];
    this.requestUpdate();
  }

  #follow(service: SyncService | undefined): void {
    if (this.#stop || !service || !this.open || !this.isConnected) return;
    this.#stop = this.#inspector?.follow(service);
    this.requestUpdate();
  }

  #unfollow(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  readonly #toggle = (): void => {
    this.open = !this.open;
  };
}
