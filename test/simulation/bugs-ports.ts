/** Bugs planted between the engine or the server and what they stand on: ports that do less than they promise. */
import type {LockPort} from '../../src/platform/platform.js';
import type {StoragePort, StorageTransaction} from '../../src/platform/storage.js';
import type {Sabotage} from './sabotage.js';

/** Every writer finds its own epoch and a free number. */
export function withoutFence(port: StoragePort): StoragePort {
  const epochs = new Map<string, unknown>();
  return {
    ...port,
    open: async (name, stores, lost) => {
      const database = await port.open(name, stores, lost);
      const blind = <S extends string>(tx: StorageTransaction<S>): StorageTransaction<S> => ({
        get: async (store, key) => {
          const truth = await tx.get(store, key);
          return key === 'epoch' ? (epochs.get(name) ?? truth) : truth;
        },
        entries: (store, range) => tx.entries(store, range),
        lastKey: store => tx.lastKey(store),
        add: (store, key, value) => tx.put(store, key, value),
        append: (store, value) => tx.append(store, value),
        delete: (store, key) => tx.delete(store, key),
        deleteRange: (store, range) => tx.deleteRange(store, range),
        put: (store, key, value) => {
          if (key === 'epoch') epochs.set(name, value);
          tx.put(store, key, value);
        },
      });
      return {
        transaction: (names, mode, run, durability) =>
          database.transaction(names, mode, tx => run(blind(tx)), durability),
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
    get: (_, name) => (Object.hasOwn(other, name) ? Reflect.get(other, name) : Reflect.get(target, name)),
  });
}

/** A logout asks for everything to be deleted, and nothing is. */
export function withoutWipe(port: StoragePort): StoragePort {
  return {
    ...port,
    open: async (name, stores, lost) => {
      const database = await port.open(name, stores, lost);
      return {
        transaction: (names, mode, run, durability) => {
          const keeping = (tx: StorageTransaction) =>
            run(
              instead(tx, {
                deleteRange: (store, range) => {
                  if (range.from !== undefined || range.to !== undefined) tx.deleteRange(store, range);
                },
              }) as never,
            );
          return database.transaction(names, mode, keeping as typeof run, durability);
        },
        close: () => database.close(),
      };
    },
  };
}

/** Whoever is stolen from does not hear of it. */
export function deaf(port: LockPort): LockPort {
  return {
    ...port,
    request: (name, signal, hold, mode) => port.request(name, signal, () => hold(new AbortController().signal), mode),
  };
}

/** As if looking whether somebody has it, and then taking it, were one step. */
export function everybodysLock(port: LockPort): LockPort {
  return {
    ...port,
    request: (name, signal, hold, mode) =>
      name.endsWith('/leader')
        ? hold(new AbortController().signal).then(() => true)
        : port.request(name, signal, hold, mode),
  };
}
