/**
 * How elements speak. A language is a plain object of texts, loaded when `lang` of an element or the page asks for it;
 * English comes with the element that says it. Pages may add languages and replace texts.
 */

import {remembered} from '../shared/remembered.js';
import type {detailsTexts} from './en/details.js';
import type {progressTexts} from './en/progress.js';
import type {queueTexts} from './en/queue.js';
import type {statusTexts} from './en/status.js';
import {type Format, formatFor, type Text} from './format.js';

export type TextKey =
  | keyof typeof statusTexts
  | keyof typeof detailsTexts
  | keyof typeof progressTexts
  | keyof typeof queueTexts;

/** All texts of all elements. */
export type Texts = Readonly<Record<TextKey, Text>>;
/** Some texts of a language, `lang` being its BCP 47 tag. */
export type LanguageTexts = Partial<Texts> & {readonly lang: string};

/** Texts together with the numbers, plurals and times of the same language. */
export interface Speech<K extends TextKey = TextKey> {
  readonly texts: Readonly<Record<K, Text>>;
  readonly format: Format;
}

const languages = new Map<string, LanguageTexts>();
let speeches = new WeakMap<object, Map<string, Speech>>();
const listeners = new Set<() => void>();

/** The literal imports are what bundlers look for. */
const ours: Readonly<Record<string, () => Promise<LanguageTexts>>> = {
  ar: () => import('./ar.js').then(({ar}) => ar),
  de: () => import('./de.js').then(({de}) => de),
  es: () => import('./es.js').then(({es}) => es),
  fr: () => import('./fr.js').then(({fr}) => fr),
  ja: () => import('./ja.js').then(({ja}) => ja),
};
const loading = new Set<string>();

/** Adds a language, or replaces texts of one: `registerTexts({lang: 'en', saved: 'All good'})`. */
export function registerTexts(texts: LanguageTexts): void {
  const lang = texts.lang.toLowerCase();
  languages.set(lang, {...languages.get(lang), ...texts});
  speeches = new WeakMap();
  for (const listener of [...listeners]) listener();
}

/** Calls back whenever texts have come or changed. */
export function onTexts(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The speech for a tag such as `de-AT`: that one, else `de`, else English, and starts loading `de` where it is ours.
 * The same object as long as nothing changes.
 */
export function speechFor<K extends TextKey>(tag: string, english: Readonly<Record<K, Text>>): Speech<K> {
  const known = remembered(speeches, english, () => new Map());
  return remembered(known, tag, () => speak(tag, english)) as Speech<K>;
}

function speak<K extends TextKey>(tag: string, english: Readonly<Record<K, Text>>): Speech<K> {
  const wanted = tag.toLowerCase();
  const [base = ''] = wanted.split('-', 1);
  load(base);
  const found = languages.get(wanted) ?? languages.get(base);
  // British numbers with English texts, but no German numbers with them.
  const format = formatFor(found || base === 'en' ? tag : 'en');
  return {texts: {...english, ...languages.get('en'), ...languages.get(base), ...languages.get(wanted)}, format};
}

function load(base: string): void {
  const source = Object.hasOwn(ours, base) ? ours[base] : undefined;
  if (!source || loading.has(base)) return;
  loading.add(base);
  source().then(
    // What the page has registered wins, whenever it did.
    texts => registerTexts({...texts, ...languages.get(base)}),
    // Offline, perhaps: English until somebody asks for this language anew.
    () => {
      loading.delete(base);
      speeches = new WeakMap();
    },
  );
}
