/** Bugs planted between the engine or the server and what they stand on: ports that do less than they promise. */
import type {Database} from '../../src/database/own.js';
import type {LockPort} from '../../src/platform/platform.js';
import type {StoragePort, StorageTransaction} from '../../src/platform/storage.js';
import type {DatabaseCheckpoint} from '../../src/protocol/protocol.js';
import type {Sabotage} from '../../testing/simulation/sabotage.js';

type Tx = StorageTransaction<string>;

/** Storage whose transactions are made otherwise. */
function transacting(port: StoragePort, make: (tx: Tx, database: string) => Tx): StoragePort {
  return {
    ...port,
    open: async (name, stores, lost) => {
      const database = await port.open(name, stores, lost);
      return {
        transaction: (names, mode, run, durability) =>
          database.transaction(names, mode, tx => run(make(tx as Tx, name) as typeof tx), durability),
        close: () => database.close(),
      };
    },
  };
}

function sameTransaction(tx: Tx): Tx {
  return {
    get: (store, key) => tx.get(store, key),
    entries: (store, range) => tx.entries(store, range),
    lastKey: store => tx.lastKey(store),
    put: (store, key, value) => tx.put(store, key, value),
    add: (store, key, value) => tx.add(store, key, value),
    append: (store, value) => tx.append(store, value),
    delete: (store, key) => tx.delete(store, key),
    deleteRange: (store, range) => tx.deleteRange(store, range),
  };
}

/** Every writer finds its own epoch and a free number. */
export function withoutFence(port: StoragePort): StoragePort {
  const epochs = new Map<string, unknown>();
  return transacting(port, (tx, database) => ({
    ...sameTransaction(tx),
    get: async (store, key) => {
      const truth = await tx.get(store, key);
      return key === 'epoch' ? (epochs.get(database) ?? truth) : truth;
    },
    add: (store, key, value) => tx.put(store, key, value),
    put: (store, key, value) => {
      if (key === 'epoch') epochs.set(database, value);
      tx.put(store, key, value);
    },
  }));
}

/** The checkpoint of a database of the user's own, in a transaction of its own behind that of the rows. */
export function apart(database: Database): Database {
  return instead(database, {
    transaction: async run => {
      let late: DatabaseCheckpoint | undefined;
      const keep = async (checkpoint: DatabaseCheckpoint) => {
        late = checkpoint;
      };
      const result = await database.transaction(tx => run(tx.writeCheckpoint ? {...tx, writeCheckpoint: keep} : tx));
      if (late) await database.transaction(async tx => tx.writeCheckpoint?.(late as DatabaseCheckpoint));
      return result;
    },
  });
}

/** Every page finds in it the word that it wrote itself. */
export function withoutOwnFence(database: Database): Database {
  let mine: Pick<DatabaseCheckpoint, 'instance' | 'epoch'> | undefined;
  return instead(database, {
    transaction: run =>
      database.transaction(tx =>
        run({
          ...tx,
          ...(tx.readCheckpoint && {
            readCheckpoint: async () => {
              const found = await tx.readCheckpoint?.();
              return found && mine ? {...found, ...mine} : found;
            },
          }),
          ...(tx.writeCheckpoint && {
            writeCheckpoint: async (checkpoint: DatabaseCheckpoint) => {
              mine = {instance: checkpoint.instance, epoch: checkpoint.epoch};
              await tx.writeCheckpoint?.(checkpoint);
            },
          }),
        }),
      ),
  });
}

/** What is committed may still be lost with the power, whatever was asked. */
export function neverStrict(port: StoragePort): StoragePort {
  return {
    ...port,
    open: async (name, stores, lost) => {
      const database = await port.open(name, stores, lost);
      return {
        transaction: (names, mode, run) => database.transaction(names, mode, run, 'relaxed'),
        close: () => database.close(),
      };
    },
  };
}

export const forgetfulServer: Sabotage = {
  source: source =>
    instead(source, {
      transaction: run => source.transaction(tx => run(instead(tx, {findRecord: async () => undefined}))),
    }),
};

export const gullibleServer: Sabotage = {source: source => instead(source, {verify: async () => 'ok'})};

/** The same object, but for these. */
function instead<T extends object>(target: T, other: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(other, name)) return Reflect.get(other, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A logout asks for everything to be deleted, and nothing is. */
export function withoutWipe(port: StoragePort): StoragePort {
  return transacting({...port, remove: async () => {}}, tx => ({
    ...sameTransaction(tx),
    deleteRange: (store, range) => {
      if (range.from !== undefined || range.to !== undefined) tx.deleteRange(store, range);
    },
  }));
}

/** Whoever is stolen from does not hear of it. */
export function deaf(port: LockPort): LockPort {
  return {
    ...port,
    request: (name, signal, hold, mode) => port.request(name, signal, () => hold(new AbortController().signal), mode),
  };
}
