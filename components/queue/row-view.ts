/** One operation of the list: what it is, where it stands, what a person can do. Text of others is only ever text. */
import {html, nothing, type TemplateResult} from 'lit';
import type {queueTexts} from '../locales/en/queue.js';
import type {Speech} from '../locales/texts.js';
import type {QueuedOperation} from '../shared/core.js';
import {type IconName, icons} from '../shared/icons.js';
import {payloadText, reasonOf} from '../shared/operation-name.js';

export type QueueSpeech = Speech<keyof typeof queueTexts>;
export type RowAction = 'retry' | 'edit' | 'discard' | 'undo';

export interface Row {
  operation: QueuedOperation;
  /** Which of the rows it is. */
  place: number;
  name: string;
  /** How long ago it was written. */
  age: string;
  /** The one row that Tab reaches. */
  current: boolean;
  editable: boolean;
  /** Discarded, and can still be undone. */
  leaving: boolean;
  /** Its content shows. */
  open: boolean;
  toggle(event: Event): void;
  act(action: RowAction): void;
}

const LOOKS: Readonly<Record<QueuedOperation['stage'], readonly [tone: string, icon: IconName]>> = {
  queued: ['quiet', 'waiting'],
  sent: ['busy', 'busy'],
  applied: ['busy', 'waiting'],
  failed: ['bad', 'warning'],
};

export function rowView(row: Row, {texts, format}: QueueSpeech): TemplateResult {
  const {operation, name, age, current, leaving} = row;
  const {stage, attempts} = operation;
  const [tone, icon] = leaving ? LOOKS.queued : LOOKS[stage];
  const tabindex = current ? 0 : -1;
  const nameId = `name-${row.place}`;
  const button = (action: RowAction, label: string) =>
    html`<button type="button" data-action=${action} tabindex=${tabindex} aria-describedby=${nameId}
      @click=${() => row.act(action)}>${label}</button>`;
  const failed = stage === 'failed';
  return html`<li class="row" part="row" data-look=${tone} data-id=${operation.id} tabindex=${tabindex} data-stage=${stage}>
    <span class="icon"><svg viewBox="0 0 16 16" aria-hidden="true"><path d=${icons[icon]}></path></svg></span>
    <div class="body">
      <div class="name" part="name" id=${nameId}><bdi>${leaving ? format.say(texts.discarded, {name}) : name}</bdi></div>
      <div class="meta texts" ?hidden=${leaving}>
        <span>${format.say(texts[stage])}</span><span>${age}</span>
        <span ?hidden=${attempts < 2}>${format.say(texts.attempts, {n: attempts})}</span>
      </div>
      ${failed && !leaving ? html`<div class="reason" part="reason"><bdi>${reasonOf(operation)}</bdi></div>` : nothing}
      <details ?hidden=${leaving || operation.payload === undefined} ?open=${row.open}>
        <summary tabindex=${tabindex} aria-describedby=${nameId} @click=${(event: Event) => row.toggle(event)}>${format.say(texts.content)}</summary>
        <pre dir="ltr">${payloadText(operation)}</pre>
      </details>
    </div>
    <div class="actions" ?hidden=${!failed}>
      ${
        leaving
          ? button('undo', format.say(texts.undo))
          : html`${button('retry', format.say(texts.tryAgain))}
            ${row.editable ? button('edit', format.say(texts.edit)) : nothing}
            ${button('discard', format.say(texts.discard))}`
      }
    </div>
  </li>`;
}
