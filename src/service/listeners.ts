/** Typed listeners by name. One that throws does not keep the others from hearing. */
import type {Remover} from '../platform/platform.js';

export class Listeners<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(detail: never) => void>>();
  readonly #report: (error: unknown) => void;
  readonly #counted: (name: keyof Events, count: number) => void;

  /** @param counted there are so many of this name now */
  constructor(report: (error: unknown) => void, counted: (name: keyof Events, count: number) => void = () => {}) {
    this.#report = report;
    this.#counted = counted;
  }

  add<K extends keyof Events>(name: K, listener: (detail: Events[K]) => void, signal?: AbortSignal): Remover {
    if (signal?.aborted) return () => {};
    // Wrapped, so that the same function added twice is two listeners with a remover each.
    const entry = (detail: Events[K]) => listener(detail);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(entry));
    this.#counted(name, listeners.size);
    const remove = () => {
      if (listeners.delete(entry)) this.#counted(name, listeners.size);
      signal?.removeEventListener('abort', remove);
    };
    signal?.addEventListener('abort', remove);
    return remove;
  }

  emit<K extends keyof Events>(name: K, detail: Events[K]): void {
    const listeners = this.#listeners.get(name);
    for (const listener of [...(listeners ?? [])]) {
      if (!listeners?.has(listener)) continue;
      try {
        (listener as (detail: Events[K]) => void)(detail);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  count(name: keyof Events): number {
    return this.#listeners.get(name)?.size ?? 0;
  }

  clear(): void {
    this.#listeners.clear();
  }
}
