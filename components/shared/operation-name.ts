/** What a person may read of an operation. Its payload is anybody's text. */
import type {operationTexts} from '../locales/en/operation.js';
import type {Speech} from '../locales/texts.js';
import type {QueuedOperation} from './core.js';

/** Columns that mostly hold what people call a thing. */
const NAMES = ['title', 'name', 'label', 'subject', 'text'];
const LONGEST = 80;

/** Controls that turn text around, and other characters nobody can see. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `Save “Buy bread”`; without a column that says more, the type and the id. */
export function operationName(
  {type, payload, entityType, entityId}: QueuedOperation,
  {texts, format}: Speech<keyof typeof operationTexts>,
): string {
  const row = payload && typeof payload === 'object' && !Array.isArray(payload) ? payload : {};
  const named = NAMES.map(column => row[column]).find(value => typeof value === 'string' && value.trim() !== '');
  // Isolated, so that a name in another direction leaves the words around it where they are.
  const name = `\u2068${plain(String(named ?? [entityType, entityId].filter(Boolean).join(' ')) || type)}\u2069`;
  if (type === 'delete') return format.say(texts.delete, {name});
  return format.say(type === 'upsert' ? texts.save : texts.send, {name});
}

/** Why it was refused, in the server's words, or at least by its code. */
export function reasonOf({error}: QueuedOperation): string {
  return plain(error?.message ?? '', 300) || (error?.code ?? '');
}

/** Text of others for a label: one line, of bearable length, and without what would disturb the words around it. */
export function plain(text: string, longest = LONGEST): string {
  const letters = [
    ...text
      .slice(0, 4 * longest)
      .replace(/\s+/g, ' ')
      .replace(UNSEEN, '')
      .trim(),
  ];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : letters.join('');
}

/** A payload as text, in which what can't be seen is spelt out. */
export function payloadText(operation: QueuedOperation, longest = 4000): string {
  const text = JSON.stringify(operation.payload ?? null, null, 2);
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  const spell = (char: string) => (char === '\n' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return cut.replace(UNSEEN, spell);
}
