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

/** Resolves in a task of its own: what waits for the page, a click or a frame, comes first. */
export function nextTask(): Promise<void> {
  return new Promise(resolve => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

export interface PageLife {
  /** The page is closed, or goes into the back-forward cache, or is frozen: neither it nor its workers may run again. */
  away(): void;
  /** It runs, or runs again. May be told twice. */
  back(): void;
  /** Somebody looks at it again. */
  visible(): void;
}

export function watchPage(life: PageLife): Remover {
  if (!globalThis.document) return () => {};
  const controller = new AbortController();
  const {signal} = controller;
  addEventListener('pagehide', () => life.away(), {signal});
  document.addEventListener('freeze', () => life.away(), {signal});
  addEventListener('pageshow', () => life.back(), {signal});
  document.addEventListener('resume', () => life.back(), {signal});
  const visible = () => document.visibilityState === 'visible' && life.visible();
  document.addEventListener('visibilitychange', visible, {signal});
  return () => controller.abort();
}

/** Calls with the directive by which the page's policy refuses something. */
export function watchPolicy(refused: (directive: string) => void): Remover {
  if (!globalThis.document) return () => {};
  const listener = (event: SecurityPolicyViolationEvent) => refused(event.effectiveDirective);
  document.addEventListener('securitypolicyviolation', listener);
  return () => document.removeEventListener('securitypolicyviolation', listener);
}

/** The console, where there is one. */
export const consoleSink: Pick<Console, 'error' | 'warn' | 'info' | 'debug'> = globalThis.console;
