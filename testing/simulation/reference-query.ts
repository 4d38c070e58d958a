/** What a query selects and in which order, read by the letter of its docstrings and by none of the code that answers it. */
import {isDeepStrictEqual} from 'node:util';
import type {Json, JsonObject, Query} from '../../src/protocol/protocol.js';

export interface Row {
  id: string;
  row: JsonObject;
}

export function passes({where = {}}: Query, {row}: Row): boolean {
  return Object.entries(where).every(([name, condition]) => holds(row[name], condition as Json));
}

function holds(value: Json | undefined, condition: Json): boolean {
  if (typeof condition !== 'object' || condition === null) return value === condition;
  return Object.entries(condition).every(([operator, operand]) => {
    if (operator === 'in') return (operand as Json[]).some(one => isDeepStrictEqual(value, one));
    if (typeof value !== typeof operand) return false;
    const [a, b] = [plain(value as Json), plain(operand as Json)] as [string, string];
    const answers: Record<string, boolean> = {
      prefix: a.startsWith?.(b),
      gt: a > b,
      gte: a >= b,
      lt: a < b,
      lte: a <= b,
    };
    return answers[operator] === true;
  });
}

/** Less than 0: `a` comes first. */
export function order({orderBy = ''}: Query, a: Row, b: Row): number {
  const name = orderBy.replace(/^-/, '');
  const byKey = name ? compare(plain(a.row[name] ?? null), plain(b.row[name] ?? null)) : 0;
  return (orderBy.startsWith('-') ? -byKey : byKey) || compare(a.id, b.id);
}

/** Null, numbers, texts: nothing else is ever written here. */
function compare(a: Json, b: Json): number {
  const ranks = [null, 'number', 'string'];
  const [left, right] = [a, b].map(value => ranks.indexOf(value === null ? null : typeof value)) as [number, number];
  if (left !== right) return left - right;
  return a === b ? 0 : (a as number) < (b as number) ? -1 : 1;
}

/** Without case and accents. */
function plain(value: Json): Json {
  return typeof value === 'string' ? value.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '') : value;
}
