/** Numbers, plurals and relative times of a language, made once for each. */

/** Forms by plural category; `other` is always there. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & {other: string};

export interface Format {
  readonly lang: string;
  number(value: number): string;
  /** Picks the form and puts the number where it says `#`. */
  plural(count: number, forms: Forms): string;
  relative(value: number, unit: Intl.RelativeTimeFormatUnit): string;
}

const formats = new Map<string, Format>();

export function formatFor(tag: string): Format {
  let format = formats.get(tag);
  if (!format) {
    format = createFormat(tag);
    formats.set(tag, format);
  }
  return format;
}

function createFormat(tag: string): Format {
  // A `lang` attribute is anybody's text, and Intl throws at what is no language tag.
  const lang = supported(tag) ? tag : 'en';
  const numbers = new Intl.NumberFormat(lang);
  const plurals = new Intl.PluralRules(lang);
  const times = new Intl.RelativeTimeFormat(lang, {numeric: 'always'});
  return {
    lang,
    number: value => numbers.format(value),
    plural: (count, forms) => (forms[plurals.select(count)] ?? forms.other).replace('#', numbers.format(count)),
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
