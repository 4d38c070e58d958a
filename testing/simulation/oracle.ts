/**
 * What really happened at the server: every state it ever was in, by the mark of the transaction that made it, with the
 * operations that had taken effect by then. A restore to an older state goes back to one of them; marks never repeat.
 */
import type {LogChunk} from '../../server/source/change-source.js';
import {Violation} from './trace.js';

export interface ServerState {
  lsn: string;
  mark: string;
  /** 'type/id' → row as JSON. */
  rows: ReadonlyMap<string, string>;
  effects: ReadonlySet<string>;
  /** instance and key → the highest number of an operation that took effect. */
  order: ReadonlyMap<string, number>;
}

interface Effect {
  id: string;
  instance: string;
  seq: number;
}

export class Oracle {
  readonly states = new Map<string, ServerState>();
  /** Operations that took effect in any history, and those that the server refused. */
  readonly everApplied = new Set<string>();
  readonly refused = new Set<string>();
  /** Operations of which there are copies: they may take effect once more where the server forgets what was settled. */
  readonly mayRepeat = new Set<string>();
  forgets = false;
  restores = 0;
  #head: ServerState | undefined;
  #effect: (Effect & {lsn: string}) | undefined;

  get head(): ServerState {
    if (!this.#head) throw new Error('The server was never started');
    return this.#head;
  }

  begin(lsn: string, mark: string): void {
    this.#move({lsn, mark, rows: new Map(), effects: new Set(), order: new Map()});
  }

  restored(mark: string): void {
    const state = this.states.get(mark);
    if (!state) throw new Error('Restored to a state that never was');
    this.restores++;
    this.#head = state;
  }

  /** The same rows, in a history of its own. */
  rotated(lsn: string, mark: string): void {
    this.#move({...this.head, lsn, mark});
  }

  recorded(lsn: string, {id, instance, seq}: Effect): void {
    this.#effect = {lsn, id, instance, seq};
  }

  rolledBack(): void {
    this.#effect = undefined;
  }

  committed(chunk: LogChunk): void {
    const before = this.head;
    const rows = new Map(before.rows);
    const keys = new Set<string>();
    for (const {table, id, row} of chunk.changes) {
      keys.add(`${table}/${id}`);
      if (row === null) rows.delete(`${table}/${id}`);
      else rows.set(`${table}/${id}`, row);
    }
    const effect = this.#effect?.lsn === chunk.lsn ? this.#effect : undefined;
    this.#effect = undefined;
    let {effects, order} = before;
    if (effect) {
      const {id, instance, seq} = effect;
      if (effects.has(id) && !(this.forgets && this.mayRepeat.has(id)))
        throw new Violation('5 at most once', `operation ${id} took effect twice, at ${chunk.lsn}`);
      effects = new Set(effects).add(id);
      this.everApplied.add(id);
      const next = new Map(order);
      for (const key of keys) {
        const place = `${instance} ${key}`;
        // Copies of a profile count on from the same number, each for itself, under one name.
        if ((order.get(place) ?? 0) > seq && !this.mayRepeat.has(id)) {
          throw new Violation('8 order', `${id} (#${seq}) took effect on ${key} behind #${order.get(place)}`);
        }
        next.set(place, Math.max(seq, order.get(place) ?? 0));
      }
      order = next;
    }
    this.#move({lsn: chunk.lsn, mark: chunk.mark, rows, effects, order});
  }

  #move(state: ServerState): void {
    this.states.set(state.mark, state);
    this.#head = state;
  }
}
