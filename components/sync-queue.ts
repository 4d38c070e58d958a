import {html, LitElement, nothing, type PropertyDeclarations, type TemplateResult} from 'lit';
import {queueTexts} from './locales/en/queue.js';
import type {Texts} from './locales/texts.js';
import {Discards} from './queue/discards.js';
import {type Filter, QueueReader} from './queue/queue-reader.js';
import {queueStyles} from './queue/queue-styles.js';
import {Roving} from './queue/roving.js';
import {type RowAction, rowView} from './queue/row-view.js';
import {saveAsFile} from './queue/save-file.js';
import type {QueuedOperation} from './shared/core.js';
import {
  type Listens,
  SyncDiscardRequestEvent,
  SyncEditRequestEvent,
  SyncExportRequestEvent,
  type SyncQueueEventMap,
  SyncRetryRequestEvent,
} from './shared/events.js';
import {icons} from './shared/icons.js';
import {operationName, plain} from './shared/operation-name.js';
import {timeAgo} from './shared/relative-time.js';
import {ServiceConsumer} from './shared/service-consumer.js';
import {Speaker} from './shared/speaker.js';
import {pageTicker} from './shared/ticker.js';
import {tokens} from './shared/tokens.js';

const LIMIT = 50;

/**
 * What waits and what the server refused, with what a person can do about it. What needs them comes first; of each kind
 * the oldest. Shows nothing while there is no provider.
 *
 * @summary The queue of changes, for people.
 * @slot empty - Replaces what is said while there is nothing.
 * @event {SyncRetryRequestEvent} sync-retry-request - Try this one again. Cancelable; default: `retry(id)`.
 * @event {SyncDiscardRequestEvent} sync-discard-request - Drop this one. Cancelable; default: `discard(id)` after eight
 *   seconds, in which it can be undone; they don't pass while its row has the focus or the pointer.
 * @event {SyncEditRequestEvent} sync-edit-request - Correct this one. No default: show a form, then call `replace`.
 * @event {SyncExportRequestEvent} sync-export-request - Save what is listed. Cancelable; default: a file of JSON.
 * @csspart list - The list.
 * @csspart row - One operation.
 * @csspart name - What it is.
 * @csspart reason - Why it was refused.
 * @csspart empty - What is said while there is nothing.
 * @csspart more - The button for more rows.
 * @csspart export - The button for the file.
 */
export class SyncQueue extends LitElement {
  static override styles = [tokens, queueStyles];
  static override properties: PropertyDeclarations = {
    provider: {},
    filter: {},
    limit: {type: Number},
    editable: {type: Boolean},
    naming: {attribute: false},
    texts: {attribute: false},
  };

  declare addEventListener: Listens<SyncQueue, SyncQueueEventMap>;

  /** Id of a provider, or as property the element. Default: the nearest one above. */
  declare provider: string | Element | null | undefined;
  /** `all`, `pending` or `failed`; what this version doesn't know is all. */
  declare filter: 'all' | 'pending' | 'failed';
  /** Rows at first, and rows that each 'show more' adds. Default 50. */
  declare limit: number;
  /** Offers 'Edit': for pages that listen to `sync-edit-request`. */
  declare editable: boolean;
  /** What people call an operation; undefined leaves the name to us. */
  declare naming: ((operation: QueuedOperation) => string | undefined) | null | undefined;
  /** Texts to use in place of ours, one or several. */
  declare texts: Partial<Texts> | null | undefined;

  readonly #speaker = new Speaker(this, queueTexts);
  readonly #reader = new QueueReader(() => this.requestUpdate());
  readonly #consumer = new ServiceConsumer(this, service => this.#reader.follow(service));
  readonly #roving = new Roving(() => this.shadowRoot);
  readonly #discards = new Discards(
    () => this.requestUpdate(),
    id => this.#roving.isAt(id),
  );
  readonly #tick = (): void => this.requestUpdate();
  /** Those whose content shows. */
  readonly #opened = new Set<string>();
  #pages = 1;
  #said = '';

  constructor() {
    super();
    this.filter = 'all';
    this.limit = LIMIT;
    this.editable = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    pageTicker.cancel(this.#tick);
    // A move is a removal and an insertion in one task.
    setTimeout(() => {
      if (!this.isConnected) this.#discards.finish();
    });
  }

  protected override updated(): void {
    this.#roving.restore(this.renderRoot.querySelector<HTMLElement>('.empty'));
  }

  protected override render(): TemplateResult | typeof nothing {
    const operations = this.#reader.select(this.#filter());
    if (!operations) return nothing;
    const {texts, format} = this.#speaker.speech;
    const limit = this.limit >= 1 ? Math.floor(this.limit) : LIMIT;
    const shown = operations.slice(0, limit * this.#pages);
    const more = Math.min(limit, operations.length - shown.length);
    this.#roving.prepare(shown.map(({id}) => id));
    return html`<div lang=${format.lang} dir=${format.dir}>
      ${shown.length > 0 ? this.#list(shown) : this.#empty()}
      <div class="foot" ?hidden=${shown.length === 0}>
        <button part="more" type="button" ?hidden=${more === 0} @click=${this.#showMore}>
          ${format.say(texts.showMore, {n: more})}
        </button>
        <button part="export" type="button" @click=${() => this.#export(operations)}>${format.say(texts.export)}</button>
      </div>
      <span class="said" role="status">${this.#said}</span>
    </div>`;
  }

  #filter(): Filter {
    const {filter} = this;
    return filter === 'pending' || filter === 'failed' ? filter : 'all';
  }

  #list(shown: readonly QueuedOperation[]): TemplateResult {
    const {speech} = this.#speaker;
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    const age = (then: number) => {
      const {step, nextAt} = timeAgo(then, now);
      next = Math.min(next, nextAt);
      return step ? speech.format.relative(step.value, step.unit) : speech.format.say(speech.texts.justNow);
    };
    // By place, not by id: `Roving` and `#opened` carry along what belongs to a row.
    const rows = shown.map((operation, place) =>
      rowView(
        {
          operation,
          place,
          name: this.#name(operation),
          age: age(operation.createdAt),
          current: operation.id === this.#roving.current,
          editable: this.editable,
          leaving: this.#discards.has(operation.id),
          open: this.#opened.has(operation.id),
          toggle: event => this.#toggle(event, operation.id),
          act: action => this.#act(action, operation),
        },
        speech,
      ),
    );
    if (this.isConnected) pageTicker.schedule(this.#tick, next);
    return html`<ul
      part="list"
      role="list"
      aria-label=${speech.format.say(speech.texts.changes)}
      @keydown=${(event: KeyboardEvent) => this.#roving.walk(event)}
      @focusin=${(event: Event) => this.#roving.entered(event) && this.requestUpdate()}
    >
      ${rows}
    </ul>`;
  }

  #empty(): TemplateResult {
    const {texts, format} = this.#speaker.speech;
    return html`<p class="empty" data-look="good" part="empty" tabindex="-1">
      <slot name="empty">
        <span class="icon"><svg viewBox="0 0 16 16" aria-hidden="true"><path d=${icons.saved}></path></svg></span>
        ${format.say(texts.empty)}
      </slot>
    </p>`;
  }

  #name(operation: QueuedOperation): string {
    const named = this.naming?.(operation);
    return named === undefined ? operationName(operation, this.#speaker.speech) : plain(named);
  }

  #act(action: RowAction, operation: QueuedOperation): void {
    const {id} = operation;
    const {service} = this.#consumer;
    const {texts, format} = this.#speaker.speech;
    switch (action) {
      case 'retry':
        if (!this.dispatchEvent(new SyncRetryRequestEvent(id)) || !service) break;
        // What comes of it shows in the list, and the status says it; that it was heard is said here.
        service.retry(id).catch(() => {});
        this.#say(`${this.#name(operation)}: ${format.say(texts.queued)}`);
        break;
      case 'edit':
        this.dispatchEvent(new SyncEditRequestEvent(operation));
        break;
      case 'discard':
        if (!this.dispatchEvent(new SyncDiscardRequestEvent(id)) || !service) break;
        this.#discards.add(id, service);
        this.#say(format.say(texts.discarded, {name: this.#name(operation)}));
        break;
      case 'undo':
        this.#discards.undo(id);
        this.#said = '';
        break;
    }
    this.requestUpdate();
  }

  /** Only a text that is another one is heard; the same again differs by a blank. */
  #say(words: string): void {
    this.#said = words === this.#said ? `${words}\u00a0` : words;
  }

  /** Ours to keep, not the browser's: a row's content stays open when the row moves to another place. */
  #toggle(event: Event, id: string): void {
    event.preventDefault();
    if (!this.#opened.delete(id)) this.#opened.add(id);
    this.requestUpdate();
  }

  /** The button goes with the last rows: who pressed it goes on reading with the first of those it brought. */
  readonly #showMore = async (): Promise<void> => {
    const shown = this.renderRoot.querySelectorAll('[data-id]').length;
    this.#pages++;
    this.requestUpdate();
    await this.updateComplete;
    this.#roving.goTo(shown);
  };

  #export(operations: readonly QueuedOperation[]): void {
    if (this.dispatchEvent(new SyncExportRequestEvent(operations))) saveAsFile(operations);
  }
}
