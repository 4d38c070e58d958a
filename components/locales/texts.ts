/**
 * How elements speak. A language is a plain object of texts and functions; which one is used follows `lang` of the
 * element or the page. English is built in, others register themselves when imported.
 */
import type {ErrorAction} from '../shared/core.js';
import {en} from './en.js';
import {type Format, formatFor} from './format.js';

export interface Texts {
  /** BCP 47 tag of the language these texts are in. */
  readonly lang: string;
  readonly saved: string;
  readonly offline: string;
  readonly connecting: string;
  readonly reconnecting: string;
  readonly syncing: string;
  readonly notConnected: string;
  readonly signInToSync: string;
  /** Changes that are on their way. */
  waiting(count: number, format: Format): string;
  /** Changes that are safe here until the line is back. */
  onThisDevice(count: number, format: Format): string;
  /** The same where storage is not durable: closing the tab loses them. */
  inThisTab(count: number, format: Format): string;
  /** Said whenever storage is not durable. */
  readonly notKept: string;
  /** Changes the server refused. */
  attention(count: number, format: Format): string;
  /** Rows received, of how many if that is known. */
  progress(received: number, total: number | null, format: Format): string;
  readonly justNow: string;
  /** Around a relative time, or `justNow`. */
  lastSynced(ago: string): string;
  /** One sentence for each thing a person can do about an error. */
  readonly failure: Readonly<Record<ErrorAction, string>>;
  readonly tryNow: string;
  readonly tryAgain: string;
  readonly signIn: string;
  readonly reload: string;
}

/** Texts together with the numbers, plurals and times of the same language. */
export interface Speech {
  readonly texts: Texts;
  readonly format: Format;
}

const languages = new Map<string, Texts>([['en', en]]);

/** Adds a language, or replaces one: `registerTexts({...en, saved: 'All good'})`. */
export function registerTexts(texts: Texts): void {
  languages.set(texts.lang.toLowerCase(), texts);
}

/** The speech for a tag such as `de-AT`: that one, else `de`, else English. */
export function speechFor(tag: string, overrides?: Partial<Texts>): Speech {
  const wanted = tag.toLowerCase();
  const found = languages.get(wanted) ?? languages.get(wanted.split('-', 1)[0] ?? '');
  const texts = found ?? en;
  // British numbers with English texts, but no German numbers with them.
  const format = formatFor(found ? tag : texts.lang);
  return {texts: overrides ? {...texts, ...overrides} : texts, format};
}

/** The `lang` an element is in: its own, or that of whatever it stands in, through shadow roots. */
export function langOf(element: Element): string {
  let at: Element | null = element;
  while (at) {
    const holder: Element | null = at.closest('[lang]');
    if (holder) return holder.getAttribute('lang') || 'en';
    const root = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return 'en';
}
