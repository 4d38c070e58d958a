import type {PropertyDeclarations} from '@lit/reactive-element';
import {optionsFrom, settingsOf, typesFromAttribute} from './provider/provider-options.js';
import {refusedService} from './provider/refused-service.js';
import {ServiceElement} from './provider/service-element.js';
import {ContextProviderEvent, isServiceRequest} from './shared/context.js';
import {
  IDLE_STATE,
  type Logger,
  SyncError,
  type SyncOptions,
  type SyncState,
  WorkerSyncService,
} from './shared/core.js';
import {css} from './shared/css.js';
import {
  type Listens,
  SyncChangesEvent,
  SyncErrorEvent,
  SyncOperationSettledEvent,
  type SyncProviderEventMap,
  SyncStateChangeEvent,
} from './shared/events.js';
import {heldClosed} from './shared/held-closed.js';
import type {SyncService} from './shared/service.js';
import {showSlotted} from './shared/slotted.js';
import {StatusStates} from './shared/status-states.js';

/** A template in the form of Lit's, for Lit's renderer on a server. */
const html = (strings: TemplateStringsArray) => ({_$litType$: 1, strings, values: []});
const SLOT = html`<slot></slot>`;

/**
 * Owns the sync service of a page, or is given one, and lends it to the elements inside, and to those elsewhere that
 * name it by id. Logic lives in the service; this element only decides which one there is, and when.
 *
 * ```
 *            settings make sense              settings changed
 *   (none) ──────────────────────▶ service ─────────────────────▶ another service
 *      ▲                              │ ▲ put back within the task (a move)
 *      └──── its task has ended ──────┴─┘ removed
 * ```
 *
 * @summary Connects a page to a sync server.
 * @attribute status - The status in one word, set by the element, for CSS that can't use custom states.
 * @slot - The page, or the part of it that syncs.
 * @event {SyncStateChangeEvent} sync-state-change - The snapshot changed.
 * @event {SyncChangesEvent} sync-changes - A commit touched rows.
 * @event {SyncOperationSettledEvent} sync-operation-settled - The server took or refused an operation.
 * @event {SyncErrorEvent} sync-error - What no call reports, attributes that make no sense included.
 * @cssstate needs-auth - Somebody has to sign in.
 * @cssstate error - Something needs a person.
 * @cssstate offline - No network, or no server.
 * @cssstate reconnecting - The line was lost and is being opened again.
 * @cssstate connecting - The line is being opened.
 * @cssstate syncing - Catching up.
 * @cssstate pending - Changes wait for the server.
 * @cssstate synced - Everything is saved and up to date.
 * @cssstate idle - Not started, or held closed.
 */
export class SyncProvider extends ServiceElement {
  static override styles = css`:host { display: contents; }`;

  static override properties: PropertyDeclarations = {
    url: {},
    database: {},
    user: {},
    client: {},
    types: {converter: {fromAttribute: typesFromAttribute}},
    mode: {},
    worker: {},
    log: {},
    guard: {type: Boolean},
    persist: {},
    getToken: {attribute: false},
    logger: {attribute: false},
    service: {attribute: false, noAccessor: true},
  };

  declare addEventListener: Listens<SyncProvider, SyncProviderEventMap>;

  /** `ws:` or `wss:`, absolute or relative to the page. Without it, and without `service`, nothing happens. */
  declare url: string | URL | null | undefined;
  /** Name of the embedded replica. Default `sync`. */
  declare database: SyncOptions['database'] | null;
  /** Whose data. Default: whoever the server last verified. */
  declare user: string | null | undefined;
  /** The label of this client that people see. */
  declare client: string | null | undefined;
  /** Default: all that the server publishes. As text, which is what attributes and frameworks give: names between blanks. */
  declare types: SyncOptions['types'] | string | null;
  /** `auto` (a worker, else the page), `worker` (or fail) or `page`. Default `auto`. */
  declare mode: 'auto' | 'worker' | 'page' | null | undefined;
  /** Where the worker file is, where the bundler can't find it by itself. */
  declare worker: SyncOptions['worker'] | null;
  /** How much is logged: `silent`, `error`, `warn`, `info` or `debug`. Default `error`. */
  declare log: 'silent' | 'error' | 'warn' | 'info' | 'debug' | null | undefined;
  /** Has the browser ask before the page is closed while a write is not durable yet, or waits in memory only. */
  declare guard: boolean | null | undefined;
  /** `off`: the browser is not asked to keep the data when space runs short. Default `on`. */
  declare persist: 'on' | 'off' | null | undefined;
  /** Asked whenever the server wants a token; may be set at any time. */
  declare getToken: SyncOptions['getToken'] | null;
  /** Where messages go, in place of the console and of `log`. */
  declare logger: Logger | null | undefined;

  readonly #states: StatusStates;
  /** Given by the page: used, connected and paused like our own, but never torn down. */
  #given: SyncService | undefined;
  #settings: readonly unknown[] | undefined;
  #held: boolean | undefined;
  /** Ends the listening to the present service, and the service if it is ours. */
  #release: (() => void) | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.#states = new StatusStates(this.attachInternals());
    this.addEventListener('context-request', event => this.#answer(event));
    this.addEventListener('sync-connect-request', event => {
      // Held closed is held closed, whoever asks: whoever wants the line open takes `paused` away.
      if (this.paused) event.preventDefault();
    });
  }

  /** The present service; undefined until there is one. Set it to use one of your own. */
  get service(): SyncService | undefined {
    return this.present.current;
  }
  set service(service: SyncService | null | undefined) {
    this.#given = service ?? undefined;
    this.requestUpdate();
  }

  /** The snapshot. Idle until there is a service. */
  get state(): SyncState {
    return this.present.current?.getState() ?? IDLE_STATE;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    clearTimeout(this.#leaving);
    this.present.open();
    this.dispatchEvent(new ContextProviderEvent(this));
    this.requestUpdate();
  }

  static override get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: Lit finalizes the class that asks, and that is this one
    return [...super.observedAttributes, 'id'];
  }

  override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
    super.attributeChangedCallback(name, old, value);
    // Those who look for this id can't know that it has come.
    if (name === 'id' && this.isConnected) this.dispatchEvent(new ContextProviderEvent(this));
  }

  /** Chrome's `moveBefore`: with this method a move is nothing at all. */
  connectedMoveCallback(): void {}

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // A move is a removal and an insertion in one task; frameworks may put a microtask between.
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.#leave());
  }

  /** Lit calls this once a microtask however many attributes changed, so flapping costs one comparison. */
  protected override updated(): void {
    if (!this.isConnected) return;
    this.#choose();
    this.#hold();
  }

  protected override firstUpdated(): void {
    showSlotted(this.renderRoot, true);
  }

  protected override render(): unknown {
    return SLOT;
  }

  /** For tests and subclasses: where an owned service comes from. */
  protected createService(options: SyncOptions): SyncService {
    return new WorkerSyncService(options);
  }

  #choose(): void {
    if (this.#given) {
      this.#settings = undefined;
      if (this.#given !== this.present.current) this.#use(this.#given, false);
      return;
    }
    if (this.url === undefined || this.url === null) {
      this.#settings = undefined;
      this.#drop();
      return;
    }
    const settings = settingsOf(this);
    if (settings.every((value, at) => value === this.#settings?.[at])) return;
    this.#settings = settings;
    try {
      this.#use(this.createService(optionsFrom(this)), true);
    } catch (thrown) {
      const error = SyncError.from(thrown, 'invalid-options');
      this.#use(refusedService(error), true);
      this.dispatchEvent(new SyncErrorEvent(error));
    }
  }

  #hold(): void {
    const service = this.present.current;
    if (!service || this.paused === this.#held) return;
    const first = this.#held === undefined;
    this.#held = this.paused;
    // An element elsewhere that names us asks the service itself.
    if (this.paused) heldClosed.add(service);
    else heldClosed.delete(service);
    if (!this.paused) this.#run(service.connect());
    // Held from the start, there is still a replica to read and a queue to show.
    else this.#run(first && service !== this.#given ? service.initialize() : service.disconnect());
  }

  #use(service: SyncService, owned: boolean): void {
    this.#release?.();
    const listening = new AbortController();
    const {signal} = listening;
    const stop = service.onStateChange(state => this.#show(state));
    service.addEventListener('changes', detail => this.dispatchEvent(new SyncChangesEvent(detail)), {signal});
    service.addEventListener('error', error => this.dispatchEvent(new SyncErrorEvent(error)), {signal});
    service.addEventListener(
      'operation_complete',
      settlement => this.dispatchEvent(new SyncOperationSettledEvent(settlement.id, {settlement})),
      {signal},
    );
    service.addEventListener(
      'operation_error',
      ({id, error}) => this.dispatchEvent(new SyncOperationSettledEvent(id, {error})),
      {signal},
    );
    this.#release = () => {
      stop();
      listening.abort();
      heldClosed.delete(service);
      if (owned) this.#run(service.cleanup());
    };
    this.#held = undefined;
    this.present.set(service);
    this.#show(service.getState());
  }

  #drop(): void {
    if (!this.#release) return;
    this.#release();
    this.#release = undefined;
    this.#held = undefined;
    this.present.set(undefined);
    this.#show(IDLE_STATE);
  }

  #leave(): void {
    if (this.isConnected) return;
    this.#settings = undefined;
    this.#drop();
    this.present.close();
  }

  #show(state: SyncState): void {
    if (this.#states.show(state.status)) this.setAttribute('status', state.status);
    this.dispatchEvent(new SyncStateChangeEvent(state));
  }

  /** What we start ourselves nobody awaits: its failure becomes an event. */
  #run(work: Promise<unknown>): void {
    work.catch(thrown => this.dispatchEvent(new SyncErrorEvent(SyncError.from(thrown))));
  }

  #answer(event: Event): void {
    if (!isServiceRequest(event) || event.contextTarget === this) return;
    event.stopImmediatePropagation();
    const {callback} = event;
    if (event.subscribe) {
      const stop = this.present.subscribe(service => callback(service, stop));
      callback(this.present.current, stop);
    } else {
      this.present.ready().then(
        service => callback(service),
        () => {},
      );
    }
  }
}
