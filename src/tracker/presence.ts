/**
 * Which tabs are open, and what they want together. Each holds a lock of its own for life, so that counting them counts the
 * tabs, crashed ones not included; its name is the one word about a tab that goes with it, and says what the tab wants.
 */
import type {Platform} from '../platform/platform.js';
import {readWants, unionOf, type Want} from '../protocol/protocol.js';
import {aborted} from './waits.js';

/** How long what a tab wanted counts on: a page that is loaded again must not have its rows dropped and fetched. */
const LINGER = 60_000;

export class Presence {
  readonly #platform: Platform;
  readonly #prefix: string;
  readonly #label: string;
  #lock = '';
  /** What tabs wanted, as JSON → when that was seen last, in monotonic milliseconds. */
  readonly #seen = new Map<string, number>();

  /** @param wants undefined: everything */
  constructor(platform: Platform, name: string, wants: readonly Want[] | undefined) {
    this.#platform = platform;
    this.#prefix = `${name}/tab/`;
    this.#label = labelOf(wants);
  }

  /** @param held called once this tab is among those that others see. Resolves when the signal fires. */
  async hold(signal: AbortSignal, held: () => void): Promise<void> {
    const {locks, random} = this.#platform;
    this.#lock = `${this.#prefix}${random.uuid()}/${this.#label}`;
    const holding = locks.request(this.#lock, signal, () => {
      held();
      return aborted(signal);
    });
    await holding.catch(() => {});
  }

  /** Counts as wanted by a tab that was there until now. */
  recall(wants: readonly Want[] | undefined): void {
    this.#seen.set(labelOf(wants), this.#platform.clock.monotonic());
  }

  /** How many tabs are open, this one included, and what they want; undefined: everything. */
  async look(): Promise<{tabs: number; wants: Want[] | undefined}> {
    const {clock, locks} = this.#platform;
    const held = await locks.held(this.#prefix).catch(() => []);
    const others = held.filter(name => name !== this.#lock);
    const now = clock.monotonic();
    const labels = others.map(name => name.slice(name.indexOf('/', this.#prefix.length) + 1));
    for (const label of [this.#label, ...labels]) this.#seen.set(label, now);
    for (const [label, at] of this.#seen) if (now - at >= LINGER) this.#seen.delete(label);
    return {tabs: 1 + others.length, wants: unionOf([...this.#seen.keys()].flatMap(wantsOf))};
  }
}

function labelOf(wants: readonly Want[] | undefined): string {
  return JSON.stringify(wants ?? null);
}

/** Locks are open to any script of the origin: a name that is no subscription is nobody's wish. */
function wantsOf(label: string): (Want[] | undefined)[] {
  try {
    const said: unknown = JSON.parse(label);
    const wants = readWants(said);
    return wants || said === null ? [wants] : [];
  } catch {
    return [];
  }
}
