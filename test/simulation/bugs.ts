/** Bugs, each of which the simulator has to see: planted into the real code or between its ports for the time of a run. */

import {Instances} from '../../server/session/instances.js';
import {Journal} from '../../src/database/journal.js';
import {Stream} from '../../src/handler/stream.js';
import type {StoragePort, StorageTransaction} from '../../src/platform/storage.js';
import {compareLsn} from '../../src/protocol/protocol.js';
import {OperationQueue} from '../../src/queue/operation-queue.js';
import {Client} from '../../src/worker/client.js';
import type {Sabotage} from './sabotage.js';

export interface Bug {
  name: string;
  /** How the invariants that may see it begin. */
  seenBy: RegExp;
  sabotage: Sabotage;
}

/** Replaces a method; returns what puts it back. */
function patch<T extends object, K extends keyof T>(target: T, name: K, make: (before: T[K]) => T[K]): () => void {
  const before = target[name];
  target[name] = make(before);
  return () => {
    target[name] = before;
  };
}

const checkpointBeforeRows: Sabotage['install'] = () =>
  patch(
    Journal.prototype,
    'append',
    before =>
      async function (this: Journal, records, position) {
        if (!position || records.length === 0) return before.call(this, records, position);
        await before.call(this, [], position);
        return before.call(this, records, undefined);
      },
  );

const enqueueNotAwaited: Sabotage['install'] = () =>
  patch(
    OperationQueue.prototype,
    'enqueue',
    before =>
      async function (this: OperationQueue, operation) {
        before.call(this, operation).catch(() => {});
        return operation.id;
      },
  );

const lostAtDisconnect: Sabotage['install'] = () =>
  patch(
    OperationQueue.prototype,
    'connectionLost',
    before =>
      function (this: OperationQueue) {
        for (const {id} of this.operations('sent')) this.discard(id).catch(() => {});
        before.call(this);
      },
  );

const overtakenWithinKey: Sabotage['install'] = () =>
  patch(
    OperationQueue.prototype,
    'takeSendable',
    before =>
      async function (this: OperationQueue, server) {
        return (await before.call(this, server)).reverse();
      },
  );

const pendingNotCounted: Sabotage['install'] = () =>
  patch(
    OperationQueue.prototype,
    'facts',
    before =>
      function (this: OperationQueue) {
        return {...before.call(this), pending: 0};
      },
  );

const doneAtAck: Sabotage['install'] = () =>
  patch(
    OperationQueue.prototype,
    'acknowledged',
    before =>
      async function (this: OperationQueue, frame) {
        await before.call(this, frame);
        await this.reached(frame);
      },
  );

const noOverlay: Sabotage['install'] = () => patch(Client.prototype, 'overlay', () => () => undefined);

const duplicatesApplied: Sabotage['install'] = () =>
  patch(
    Stream.prototype,
    'take',
    before =>
      function (this: Stream, frame, text, batch) {
        const at = this.at();
        if (frame.type !== 'changes' || !at || compareLsn(frame.lsn, at.lsn) > 0)
          return before.call(this, frame, text, batch);
        batch.changes.push({index: batch.records.length, changes: frame.changes, bytes: text.length});
        batch.records.push({kind: 'changes', text});
        batch.moved = true;
        batch.n = frame.n;
        return true;
      },
  );

const twoSockets: Sabotage['install'] = () => patch(Instances.prototype, 'claim', () => async () => 'granted');

/** Every writer finds its own epoch and a free number. */
function withoutFence(port: StoragePort): StoragePort {
  const epochs = new Map<string, unknown>();
  return {
    ...port,
    open: async (name, stores) => {
      const database = await port.open(name, stores);
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

const forgetfulServer: Sabotage = {
  source: source =>
    instead(source, {
      transaction: run => source.transaction(tx => run(instead(tx, {findRecord: async () => undefined}))),
    }),
};

const gullibleServer: Sabotage = {source: source => instead(source, {verify: async () => 'ok'})};

/** The same object, but for these. */
function instead<T extends object>(target: T, other: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => (Object.hasOwn(other, name) ? Reflect.get(other, name) : Reflect.get(target, name)),
  });
}

export const BUGS: Bug[] = [
  {name: 'the checkpoint is stored before its rows', seenBy: /^1 /, sabotage: {install: checkpointBeforeRows}},
  {name: 'enqueue does not wait for the disk', seenBy: /^4 /, sabotage: {install: enqueueNotAwaited}},
  {name: 'the server forgets what it has applied', seenBy: /^[58] /, sabotage: forgetfulServer},
  {name: 'the fence of the journal is ignored', seenBy: /^(10|1|2) /, sabotage: {storage: withoutFence}},
  {name: 'a redelivered suffix is applied', seenBy: /^[12] /, sabotage: {install: duplicatesApplied}},
  {name: 'what is unanswered is dropped at a disconnect', seenBy: /^[456] /, sabotage: {install: lostAtDisconnect}},
  {name: 'a later operation overtakes within its key', seenBy: /^8 /, sabotage: {install: overtakenWithinKey}},
  {name: 'the status does not count what is pending', seenBy: /^13 /, sabotage: {install: pendingNotCounted}},
  {name: 'an acknowledged operation is done before its rows came', seenBy: /^6 /, sabotage: {install: doneAtAck}},
  {name: 'nothing shows what was written here', seenBy: /^7 /, sabotage: {install: noOverlay}},
  {name: 'the server lets two sockets of a client in', seenBy: /^10 /, sabotage: {install: twoSockets}},
  {name: 'the server believes every checkpoint', seenBy: /^[12] /, sabotage: gullibleServer},
];
