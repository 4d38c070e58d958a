/** Numbers, plurals and times of a language, made once for each. */

import {remembered} from '../shared/remembered.js';

/** Forms by plural category; `other` is always there. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & {other: string};
/** What an element says: a sentence with places such as `{n}`, or one for each plural category of `n`. */
export type Text = string | Forms;

export interface Format {
  /** BCP 47 tag. */
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  number(value: number): string;
  /** Fills the places of a text; numbers are written as the language writes them. */
  say(text: Text, values?: Readonly<Record<string, string | number>>): string;
  /** `-5, 'minute'`: "5 minutes ago". */
  relative(value: number, unit: Intl.RelativeTimeFormatUnit): string;
}

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i;
const formats = new Map<string, Format>();

export const formatFor = (tag: string): Format => remembered(formats, tag, createFormat);

function createFormat(tag: string): Format {
  // A `lang` attribute is anybody's text, and Intl throws at what is no language tag.
  const lang = supported(tag) ? tag : 'en';
  const numbers = new Intl.NumberFormat(lang);
  const plurals = new Intl.PluralRules(lang);
  const times = new Intl.RelativeTimeFormat(lang);
  const number = (value: number) => numbers.format(value);
  return {
    lang,
    dir: RIGHT_TO_LEFT.test(lang) ? 'rtl' : 'ltr',
    number,
    say(text, values = {}) {
      const form = typeof text === 'string' ? text : (text[plurals.select(Number(values['n']))] ?? text.other);
      return form.replace(/\{(\w+)\}/g, (place, name: string) => {
        const value = values[name] ?? place;
        return typeof value === 'number' ? number(value) : value;
      });
    },
    relative: (value, unit) => times.format(value, unit),
  };
}

function supported(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}
