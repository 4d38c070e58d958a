/** The browser's Web Locks, and what stands in for them where there are none. */
import type {LockPort} from './platform.js';

export const browserLocks: LockPort = {
  async request(name, signal, hold, mode = 'wait') {
    const lost = new AbortController();
    let held: Promise<void> | undefined;
    // With `steal` or `ifAvailable` a signal is refused: there is nothing to wait for.
    const options = mode === 'wait' ? {signal} : mode === 'steal' ? {steal: true} : {ifAvailable: true};
    try {
      await navigator.locks.request(name, options, lock => {
        if (!lock) return;
        held = hold(lost.signal);
        return held;
      });
    } catch (error) {
      if (!held) throw error;
      // Stolen, or `hold` failed by itself: then waiting for it throws the same again.
      lost.abort();
      await held;
    }
    return held !== undefined;
  },
  async held(prefix) {
    const {held = []} = await navigator.locks.query();
    return held.flatMap(({name}) => (name?.startsWith(prefix) ? [name] : []));
  },
};

/** Of a tab that is a client of its own: nobody else could hold them. */
export const loneLocks: LockPort = {
  async request(_name, _signal, hold) {
    await hold(new AbortController().signal);
    return true;
  },
  held: async () => [],
};

export function pageLocks(): LockPort {
  return globalThis.navigator?.locks ? browserLocks : loneLocks;
}
