import type {Format} from './format.js';

/** `3, 'second'`: "3 seconds". Units are those of ECMA-402. */
export function withUnit({lang}: Format, value: number, unit: string, unitDisplay: 'long' | 'short' = 'long'): string {
  return new Intl.NumberFormat(lang, {style: 'unit', unit, unitDisplay, maximumSignificantDigits: 3}).format(value);
}
