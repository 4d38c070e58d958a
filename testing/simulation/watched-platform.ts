/** A platform with a watch on all that crosses it, in either direction: for crossings.ts to count, and to strike at. */
import type {
  Channel,
  ChannelPort,
  Clock,
  LockPort,
  NetworkPort,
  Platform,
  Socket,
  SocketPort,
} from '../../src/platform/platform.js';
import type {StorageDatabase, StoragePort, StorageTransaction} from '../../src/platform/storage.js';

/** Does `act`, unless the tab is dead. */
type Watch = (what: string, act: () => void) => void;

export function watchedPlatform(platform: Platform, watch: Watch): Platform {
  return {
    ...platform,
    clock: watchedClock(platform.clock, watch),
    sockets: watchedSockets(platform.sockets, watch),
    storage: watchedStorage(platform.storage, watch),
    locks: watchedLocks(platform.locks, watch),
    channels: watchedChannels(platform.channels, watch),
    network: watchedNetwork(platform.network, watch),
    estimate: () => asked(watch, 'estimate', () => platform.estimate()),
  };
}

/** What a call gives; `dead` to those who are. */
function called<T>(watch: Watch, what: string, call: () => T, dead: T): T {
  let result = dead;
  watch(what, () => {
    result = call();
  });
  return result;
}

/** A call whose answer comes later. To the dead none ever does. */
function asked<T>(watch: Watch, what: string, call: () => Promise<T>): Promise<T> {
  const answer = called(watch, what, call, new Promise<T>(() => {}));
  return new Promise((resolve, reject) => {
    answer.then(
      value => watch(`${what}: answered`, () => resolve(value)),
      error => watch(`${what}: refused`, () => reject(error)),
    );
  });
}

function watchedClock(clock: Clock, watch: Watch): Clock {
  return {
    ...clock,
    timer: (ms, fire) =>
      called(
        watch,
        'timer set',
        () => clock.timer(ms, () => watch('timer fired', fire)),
        () => {},
      ),
  };
}

const DEAD_SOCKET: Socket = {send: () => {}, close: () => {}, bufferedAmount: 0};

function watchedSockets(sockets: SocketPort, watch: Watch): SocketPort {
  return {
    connect: (url, handlers) => {
      const connect = () =>
        sockets.connect(url, {
          open: () => watch('socket open', () => handlers.open()),
          message: text => watch(`frame ${typeOf(text)}`, () => handlers.message(text)),
          binary: () => watch('binary frame', () => handlers.binary()),
          close: (code, reason) => watch('socket closed', () => handlers.close(code, reason)),
        });
      const socket = called(watch, 'dial', connect, DEAD_SOCKET);
      return {
        send: text => watch(`send ${typeOf(text)}`, () => socket.send(text)),
        close: (code, reason) => watch('hang up', () => socket.close(code, reason)),
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
      };
    },
  };
}

function typeOf(text: string): string {
  return /"type":"(\w+)"/.exec(text)?.[1] ?? '?';
}

function watchedStorage(storage: StoragePort, watch: Watch): StoragePort {
  return {
    ...storage,
    open: async <Store extends string>(
      name: string,
      stores: Readonly<Record<Store, {counted?: boolean}>>,
      lost: Parameters<StoragePort['open']>[2] = () => {},
    ) => {
      const open = () => storage.open(name, stores, reason => watch('database lost', () => lost(reason)));
      return watchedDatabase(await asked(watch, 'open database', open), watch);
    },
    remove: name => asked(watch, 'remove database', () => storage.remove(name)),
  };
}

function watchedDatabase<Store extends string>(database: StorageDatabase<Store>, watch: Watch): StorageDatabase<Store> {
  return {
    transaction: (stores, mode, run, durability) => {
      const watched = (tx: StorageTransaction<Store>) => run(watchedTransaction(tx, watch));
      const begin = () => database.transaction(stores, mode, watched, durability);
      return asked(watch, `transaction ${stores.join('+')}`, begin);
    },
    close: () => watch('close database', () => database.close()),
  };
}

/** That it commits is watched by the disk itself. */
function watchedTransaction<Store extends string>(
  tx: StorageTransaction<Store>,
  watch: Watch,
): StorageTransaction<Store> {
  return {
    get: (store, key) => asked(watch, `get ${store}`, () => tx.get(store, key)),
    entries: (store, range) => asked(watch, `entries ${store}`, () => tx.entries(store, range)),
    lastKey: store => asked(watch, `lastKey ${store}`, () => tx.lastKey(store)),
    append: (store, value) => asked(watch, `append ${store}`, () => tx.append(store, value)),
    put: (store, key, value) => watch(`put ${store}`, () => tx.put(store, key, value)),
    add: (store, key, value) => watch(`add ${store}`, () => tx.add(store, key, value)),
    delete: (store, key) => watch(`delete ${store}`, () => tx.delete(store, key)),
    deleteRange: (store, range) => watch(`deleteRange ${store}`, () => tx.deleteRange(store, range)),
  };
}

function watchedLocks(locks: LockPort, watch: Watch): LockPort {
  return {
    request: (name, signal, hold, mode) => {
      // The others are those of tabs, which carry what each wants.
      const short = /\/(leader|thief)$/.exec(name)?.[1] ?? 'tab';
      const granted = (lost: AbortSignal) =>
        new Promise<void>((release, reject) => {
          const held = () => hold(lost).then(() => watch(`release ${short}`, release), reject);
          watch(`granted ${short}`, held);
        });
      return asked(watch, `request ${short}`, () => locks.request(name, signal, granted, mode));
    },
    held: prefix => asked(watch, 'look at locks', () => locks.held(prefix)),
  };
}

const DEAD_CHANNEL: Channel = {post: () => {}, close: () => {}};

function watchedChannels(channels: ChannelPort, watch: Watch): ChannelPort {
  return {
    open: (name, listener) => {
      const open = () => channels.open(name, message => watch(`hear ${kindOf(message)}`, () => listener(message)));
      const channel = called(watch, 'open channel', open, DEAD_CHANNEL);
      return {
        post: message => watch(`announce ${kindOf(message)}`, () => channel.post(message)),
        close: () => watch('close channel', () => channel.close()),
      };
    },
  };
}

function kindOf(message: unknown): string {
  return (message as {announcement: {kind: string}}).announcement.kind;
}

function watchedNetwork(network: NetworkPort, watch: Watch): NetworkPort {
  return {
    ...network,
    subscribe: listener => network.subscribe(online => watch('network says', () => listener(online))),
  };
}
