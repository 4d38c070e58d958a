/** The browser behind the ports, in a worker or in a page alike. */
import {browserRandom, canLast} from './browser-context.js';
import {browserLocks, loneLocks} from './browser-locks.js';
import {pageClock} from './browser-page.js';
import {indexedDbStorage} from './browser-storage.js';
import {memoryStorage} from './memory-storage.js';
import type {Channel, Platform, Socket, SocketHandlers} from './platform.js';

/** Without locks or storage a tab is a client of its own, in memory. */
export function browserPlatform(alone = !canLast()): Platform {
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
    alone: () => browserPlatform(true),
  };
}

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
