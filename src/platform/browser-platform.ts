/** The browser behind the ports, in a worker or in a page alike. */
import {browserRandom, missingForDurability} from './browser-context.js';
import {pageClock} from './browser-page.js';
import {indexedDbStorage} from './browser-storage.js';
import {memoryStorage} from './memory-storage.js';
import type {Channel, Platform, Socket, SocketHandlers} from './platform.js';

/** Without locks or storage a tab is a client of its own, in memory. */
export function browserPlatform(): Platform {
  const alone = missingForDurability().length > 0;
  return {
    clock: pageClock,
    random: browserRandom,
    sockets: {connect: connectSocket},
    storage: alone ? memoryStorage() : indexedDbStorage,
    locks: alone ? loneLocks : browserLocks,
    channels: alone ? {open: () => ({post() {}, close() {}})} : {open: openChannel},
    network: browserNetwork,
    estimate: async () => {
      const storage = globalThis.navigator?.storage;
      if (!storage?.estimate) return null;
      const [{usage = 0, quota = 0}, persisted] = await Promise.all([storage.estimate(), storage.persisted()]);
      return {persisted, usage, quota};
    },
  };
}

const browserLocks: Platform['locks'] = {
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
  async countHeld(prefix) {
    const {held = []} = await navigator.locks.query();
    return held.filter(lock => lock.name?.startsWith(prefix)).length;
  },
};

/** Of a tab that is a client of its own: nobody else could hold them. */
const loneLocks: Platform['locks'] = {
  async request(_name, _signal, hold) {
    await hold(new AbortController().signal);
    return true;
  },
  countHeld: async () => 1,
};

const browserNetwork: Platform['network'] = {
  online: () => globalThis.navigator?.onLine !== false,
  subscribe(listener) {
    const online = () => listener(true);
    const offline = () => listener(false);
    addEventListener('online', online);
    addEventListener('offline', offline);
    return () => {
      removeEventListener('online', online);
      removeEventListener('offline', offline);
    };
  },
};

function openChannel(name: string, listener: (message: unknown) => void): Channel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = event => listener(event.data);
  return {post: message => channel.postMessage(message), close: () => channel.close()};
}

function connectSocket(url: string, handlers: SocketHandlers): Socket {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => handlers.open();
  socket.onmessage = event => (typeof event.data === 'string' ? handlers.message(event.data) : handlers.binary());
  socket.onclose = event => handlers.close(event.code, event.reason);
  return {
    send: text => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
  };
}
