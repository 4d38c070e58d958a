/**
 * The local databases that are connected, and which socket of each may speak (D3): only the one with the highest epoch.
 * A leader that reconnects has the same epoch as before: the newer socket wins, which its greeting's number tells, as one
 * that is long dead to its client may still be on its way here.
 * Two that keep replacing each other at the same epoch are two copies of one database.
 */
import type {ChangeSource, InstanceState} from '../source/change-source.js';

/** The session as the registry sees it. */
export interface Occupant {
  /** Closes the socket; resolves when its operation in hand is done. */
  evict(): Promise<void>;
}

export type Claim = 'granted' | 'fenced' | 'shared';

/** So many replacements within so many milliseconds are no reconnects. */
const REPLACEMENTS = 5;
const WITHIN = 10_000;

/** So many settled operations are worth a write. What is lost with the server comes with the next greeting. */
const SETTLED_STEP = 500;

interface Entry {
  state: InstanceState;
  /** What the source remembers of it. */
  saved: InstanceState;
  occupant: Occupant | undefined;
  /** Number of the occupant's greeting. */
  stream: number;
  replaced: number[];
  /** Claims that run or wait. */
  claims: number;
  /** One claim at a time. */
  last: Promise<unknown>;
}

export class Instances {
  readonly #source: ChangeSource;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();

  constructor(source: ChangeSource, now: () => number = Date.now) {
    this.#source = source;
    this.#now = now;
  }

  /** Makes this session the one that speaks for the instance; the one before is closed, and is done, before this returns. */
  claim(
    subject: string,
    instance: string,
    wanted: {epoch: number; settled: number; stream: number},
    occupant: Occupant,
  ): Promise<Claim> {
    return this.#alone(subject, instance, async entry => {
      const {state} = entry;
      if (wanted.epoch < state.epoch) return 'fenced';
      const before = entry.occupant;
      if (before && before !== occupant) {
        if (wanted.epoch === state.epoch && wanted.stream < entry.stream) return 'fenced';
        const now = this.#now();
        entry.replaced = entry.replaced.filter(time => now - time < WITHIN);
        if (wanted.epoch === state.epoch) entry.replaced.push(now);
        if (entry.replaced.length > REPLACEMENTS) return 'shared';
        await before.evict();
      }
      entry.occupant = occupant;
      entry.stream = wanted.stream;
      // In memory first: whoever asks while this is being saved must not be told the older state.
      raise(entry, wanted);
      await this.#save(entry, subject, instance);
      return 'granted';
    });
  }

  /**
   * Moves `settled` up, never down, and now and then has the source forget what lies below. Not queued behind a claim: the
   * claim waits for the session that it replaces, and that session's operation in hand may wait for this.
   */
  async settle(subject: string, instance: string, settled: number): Promise<void> {
    const entry = this.#entries.get(keyOf(subject, instance));
    if (!entry) return;
    raise(entry, {epoch: 0, settled});
    if (entry.state.settled - entry.saved.settled >= SETTLED_STEP) await this.#save(entry, subject, instance);
  }

  /** The highest `settled` heard of. */
  settled(subject: string, instance: string): number {
    return this.#entries.get(keyOf(subject, instance))?.state.settled ?? 0;
  }

  release(subject: string, instance: string, occupant: Occupant): void {
    const entry = this.#entries.get(keyOf(subject, instance));
    if (entry?.occupant === occupant) entry.occupant = undefined;
  }

  /** Forgets those who have been away for a while; the source remembers their state. */
  sweep(): void {
    const now = this.#now();
    for (const [key, entry] of this.#entries) {
      if (!entry.occupant && entry.claims === 0 && entry.replaced.every(time => now - time > WITHIN))
        this.#entries.delete(key);
    }
  }

  async #alone<T>(subject: string, instance: string, run: (entry: Entry) => Promise<T>): Promise<T> {
    const key = keyOf(subject, instance);
    const entry = this.#entries.get(key) ?? this.#load(key, subject, instance);
    entry.claims++;
    const result = entry.last.then(() => run(entry));
    entry.last = result.then(
      () => {},
      () => {},
    );
    try {
      return await result;
    } finally {
      entry.claims--;
    }
  }

  #load(key: string, subject: string, instance: string): Entry {
    const loaded = this.#source.loadInstance(subject, instance);
    const entry: Entry = {
      state: {epoch: 0, settled: 0},
      saved: {epoch: 0, settled: 0},
      occupant: undefined,
      stream: 0,
      replaced: [],
      claims: 0,
      last: loaded,
    };
    this.#entries.set(key, entry);
    entry.last = loaded.then(
      state => {
        if (state) entry.state = entry.saved = state;
      },
      error => {
        // Without its epoch nobody could be fenced: the next one asks again.
        this.#entries.delete(key);
        throw error;
      },
    );
    return entry;
  }

  async #save(entry: Entry, subject: string, instance: string): Promise<void> {
    const {state, saved} = entry;
    if (state.epoch === saved.epoch && state.settled === saved.settled) return;
    await this.#source.saveInstance(subject, instance, state);
    entry.saved = state;
  }
}

function raise(entry: Entry, {epoch, settled}: InstanceState): void {
  const {state} = entry;
  entry.state = {epoch: Math.max(state.epoch, epoch), settled: Math.max(state.settled, settled)};
}

function keyOf(subject: string, instance: string): string {
  return JSON.stringify([subject, instance]);
}
