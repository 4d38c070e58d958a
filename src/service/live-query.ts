/** A query result that follows the data while somebody listens. */
import type {Remover} from '../platform/platform.js';
import {type ErrorRecord, SyncError} from '../protocol/protocol.js';
import type {Live} from './types.js';

export type WatchQuery = (hooks: {value(value: unknown): void; error(error: ErrorRecord): void}) => Remover;

export class LiveQuery<T> implements Live<T> {
  readonly #watch: WatchQuery;
  readonly #listeners = new Set<(value: T | undefined) => void>();
  #value: T | undefined;
  #error: SyncError | undefined;
  #stop: Remover | undefined;

  constructor(watch: WatchQuery) {
    this.#watch = watch;
  }

  get value(): T | undefined {
    return this.#value;
  }

  get error(): SyncError | undefined {
    return this.#error;
  }

  /** Calls at once with what there is, then on each change that touches the result. The last to leave ends the watch. */
  readonly subscribe = (listener: (value: T | undefined) => void): Remover => {
    const entry = (value: T | undefined) => listener(value);
    this.#listeners.add(entry);
    this.#stop ??= this.#watch({
      value: value => this.#tell(value as T, undefined),
      error: error => this.#tell(this.#value, SyncError.fromRecord(error)),
    });
    entry(this.#value);
    return () => {
      this.#listeners.delete(entry);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  };

  #tell(value: T | undefined, error: SyncError | undefined): void {
    this.#value = value;
    this.#error = error;
    for (const listener of [...this.#listeners]) listener(value);
  }
}
