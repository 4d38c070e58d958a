/** What each tab wants of the server, drawn from a stream of its own: other plans stay what they were. */
import type {Want} from '../../src/protocol/protocol.js';
import {dice} from './dice.js';

/** Undefined: everything. */
export type Wants = Want[] | undefined;

/** Tasks are wanted whole by all: what pages write has to come back. Of a pair nobody wants one half. */
const CHOICES: readonly Wants[] = [
  ['task'],
  ['pair', 'task'],
  ['task', 'own'],
  ['task', {type: 'pair', where: {id: 'y'}}],
  [{type: 'own', where: {owner: 'ann'}}, 'task'],
  ['task', {type: 'own', where: {owner: 'bob'}}, {type: 'own', where: {owner: 'anonymous'}}, 'pair'],
  undefined,
];

/** Whether the tabs of a run want different things: of a few in ten. */
export function drawIsPartial(seed: number): boolean {
  return dice(seed ^ 0x9a27).chance(0.4);
}

/** What the n-th tab of a run wants, however many others there are. */
export function wishesOf(seed: number): (tab: number) => Wants {
  return tab => dice(seed ^ (0x51a7 + 7919 * tab)).pick(CHOICES);
}
