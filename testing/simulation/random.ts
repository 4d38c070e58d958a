/** Randomness that a seed gives again. */

export interface SeededRandom {
  /** From 0 up to but not 1. */
  fraction(): number;
  /** A whole number from 0 up to but not `below`. */
  below(below: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32: 32 bits of state, good enough to shake a parser with. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(fraction() * limit);
  return {fraction, below, pick: items => items[below(items.length)] as (typeof items)[number]};
}

/** A few copies of a text, each damaged a little: characters cut out, doubled, swapped for nasty ones. */
export function mutate(text: string, random: SeededRandom): string {
  const NASTY = ['"', '\\', '{', '}', '[', ']', ',', ':', '0', '-', 'e', '\0', '\ud800', '\ufeff', 'null', '1e999'];
  let result = text;
  for (let round = random.below(4); round >= 0; round--) {
    const at = random.below(result.length + 1);
    const length = random.below(6);
    const kind = random.below(4);
    const cut = result.slice(at, at + length);
    const middle =
      kind === 0 ? '' : kind === 1 ? cut + cut : kind === 2 ? random.pick(NASTY) : cut + random.pick(NASTY);
    result = result.slice(0, at) + middle + result.slice(at + length);
  }
  return result;
}

/** A value with parts of it swapped for others that a parser may not expect. */
export function mutateValue(value: unknown, random: SeededRandom): unknown {
  const STRANGE: unknown[] = [
    null,
    true,
    0,
    -1,
    0.5,
    2 ** 53,
    1e300,
    '',
    'toString',
    '__proto__',
    '\0',
    '\udc00',
    [],
    {},
    [[]],
    {toString: 1, valueOf: 1},
    {__proto__: null, constructor: {}},
    'x'.repeat(5000),
  ];
  if (random.below(8) === 0) return random.pick(STRANGE);
  if (Array.isArray(value)) return value.map(item => mutateValue(item, random));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(() => random.below(12) > 0)
    .map(([key, item]) => [random.below(20) === 0 ? '__proto__' : key, mutateValue(item, random)]);
  return Object.fromEntries(entries);
}
