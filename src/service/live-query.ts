/** A query result that follows the data while somebody listens. */
import type {Remover} from '../platform/platform.js';
import {type ErrorRecord, SyncError} from '../protocol/protocol.js';
import {Listeners} from './listeners.js';
import type {Live} from './types.js';

export type WatchQuery = (hooks: {value(value: unknown): void; error(error: ErrorRecord): void}) => Remover;

export class LiveQuery<T> implements Live<T> {
  readonly #watch: WatchQuery;
  readonly #listeners: Listeners<{value: T | undefined}>;
  #value: T | undefined;
  #error: SyncError | undefined;
  #stop: Remover | undefined;

  /** @param report where what a listener throws goes; its first call, inside `subscribe`, throws to who subscribes */
  constructor(watch: WatchQuery, report: (error: unknown) => void = () => {}) {
    this.#watch = watch;
    this.#listeners = new Listeners(report);
  }

  get value(): T | undefined {
    return this.#value;
  }

  get error(): SyncError | undefined {
    return this.#error;
  }

  /** Calls at once with what there is, then on each change that touches the result. The last to leave ends the watch. */
  readonly subscribe = (listener: (value: T | undefined) => void): Remover => {
    listener(this.#value);
    const remove = this.#listeners.add('value', listener);
    this.#stop ??= this.#watch({
      value: value => this.#tell(value as T, undefined),
      error: error => this.#tell(this.#value, SyncError.fromRecord(error)),
    });
    return () => {
      remove();
      if (this.#listeners.count('value') > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  };

  #tell(value: T | undefined, error: SyncError | undefined): void {
    this.#value = value;
    this.#error = error;
    this.#listeners.emit('value', value);
  }
}
