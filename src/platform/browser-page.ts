/** What the page's side needs of the page. All of it is optional: in Node there is none. */
import type {Clock, Remover} from './platform.js';

/** Relative to what URLs are resolved; undefined outside a page. */
export function pageUrl(): string | undefined {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}

/** A longer delay overflows setTimeout's 32 bits and fires at once: a server's `retryAfter` must not become a busy loop. */
const MAX_DELAY = 2 ** 31 - 1;

export const pageClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer: (ms, fire) => {
    const handle = setTimeout(fire, Math.min(ms, MAX_DELAY));
    return () => clearTimeout(handle);
  },
};

export interface PageLife {
  /** The page goes, perhaps into the back-forward cache. */
  hidden(): void;
  /** It is back from there. */
  restored(): void;
  /** Somebody looks at it again. */
  visible(): void;
}

export function watchPage(life: PageLife): Remover {
  if (!globalThis.document) return () => {};
  const controller = new AbortController();
  const {signal} = controller;
  addEventListener('pagehide', () => life.hidden(), {signal});
  addEventListener('pageshow', event => event.persisted && life.restored(), {signal});
  const visible = () => document.visibilityState === 'visible' && life.visible();
  document.addEventListener('visibilitychange', visible, {signal});
  return () => controller.abort();
}

/** Whether a dedicated module worker can be made at all. */
export function hasWorkers(): boolean {
  return typeof globalThis.Worker === 'function';
}

/** A worker from the address of its file. */
export function workerFrom(url: string | URL): Worker {
  return new Worker(url, {type: 'module'});
}

/** The console, where there is one. */
export const consoleSink: Pick<Console, 'error' | 'warn' | 'info' | 'debug'> = globalThis.console;
