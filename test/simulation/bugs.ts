/** Bugs, each of which the simulator has to see: planted into the real code or between its ports for the time of a run. */

import {Instances} from '../../server/session/instances.js';
import {Journal} from '../../src/database/journal.js';
import {Replica} from '../../src/database/replica.js';
import {Stream} from '../../src/handler/stream.js';
import {compareLsn} from '../../src/protocol/protocol.js';
import {OperationQueue} from '../../src/queue/operation-queue.js';
import type {OutboxRecord} from '../../src/queue/queue.js';
import {applied} from '../../src/queue/records.js';
import {Pulse} from '../../src/tracker/pulse.js';
import {Client} from '../../src/worker/client.js';
import {Connection} from '../../src/worker/connection.js';
import {Credentials} from '../../src/worker/credentials.js';
import {Heartbeat} from '../../src/worker/heartbeat.js';
import {Pump} from '../../src/worker/pump.js';
import type {Sabotage} from '../../testing/simulation/sabotage.js';
import {
  apart,
  deaf,
  forgetfulServer,
  gullibleServer,
  withoutFence,
  withoutOwnFence,
  withoutWipe,
} from './bugs-ports.js';

export interface Bug {
  name: string;
  /** How the invariants that may see it begin. */
  seenBy: RegExp;
  sabotage: Sabotage;
}

/** Replaces a method; returns what puts it back. */
export function patch<T extends object, K extends keyof T>(
  target: T,
  name: K,
  make: (before: T[K]) => T[K],
): () => void {
  const before = target[name];
  target[name] = make(before);
  return () => {
    target[name] = before;
  };
}

export const checkpointBeforeRows: Sabotage['install'] = () =>
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

export const enqueueNotAwaited: Sabotage['install'] = () =>
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

const toldBeforeDurable: Sabotage['install'] = () =>
  patch(
    OperationQueue.prototype,
    'acknowledged',
    before =>
      function (this: OperationQueue, frame) {
        const sent = this.operations('sent').find(({id}) => id === frame.id) as OutboxRecord | undefined;
        if (sent) this.settlements.observe(0, applied(sent, frame), sent);
        return before.call(this, frame);
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
        batch.changes.push({index: batch.records.length, changes: frame.changes});
        batch.records.push({kind: 'changes', text});
        batch.moved = true;
        batch.n = frame.n;
        return true;
      },
  );

const keptRowsStandStill: Sabotage['install'] = () =>
  patch(
    Stream.prototype,
    'take',
    before =>
      function (this: Stream, frame, text, batch) {
        const kept = this.state.kind === 'staging' ? this.state.stage.keep : undefined;
        if (frame.type !== 'changes' || !kept) return before.call(this, frame, text, batch);
        const changes = frame.changes.filter(({entityType}) => !kept.includes(entityType));
        return before.call(this, {...frame, changes}, JSON.stringify({...JSON.parse(text), changes}), batch);
      },
  );

const keptRowsNotCopied: Sabotage['install'] = () =>
  patch(Replica.prototype, 'copy', () => async function* (this: Replica) {});

const twoSockets: Sabotage['install'] = () => patch(Instances.prototype, 'claim', () => async () => 'granted');

const deletesSkipped: Sabotage['install'] = () =>
  patch(
    Stream.prototype,
    'take',
    before =>
      function (this: Stream, frame, text, batch) {
        if (frame.type !== 'changes') return before.call(this, frame, text, batch);
        const changes = frame.changes.filter(({type}) => type === 'update');
        return before.call(this, {...frame, changes}, JSON.stringify({...JSON.parse(text), changes}), batch);
      },
  );

const notFlushedAtConnect: Sabotage['install'] = () => patch(Pump.prototype, 'open', () => () => {});

const noHeartbeat: Sabotage['install'] = () => patch(Heartbeat.prototype, 'start', () => () => {});

const tokenNeverReplaced: Sabotage['install'] = () =>
  patch(
    Credentials.prototype,
    'next',
    before =>
      async function (this: Credentials) {
        const kept = this.token;
        const state = await before.call(this);
        this.token = kept ?? this.token;
        return state;
      },
  );

const timerLeftBehind: Sabotage['install'] = () => patch(Pulse.prototype, 'stop', () => () => {});

const socketLeftOpen: Sabotage['install'] = () => patch(Connection.prototype, 'stop', () => () => {});

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
  {name: 'the server believes every checkpoint', seenBy: /^[126] /, sabotage: gullibleServer},
  {
    name: 'a leader that was stolen from goes on, and nothing fences it off',
    seenBy: /^(10|1|2|14) /,
    sabotage: {storage: withoutFence, locks: deaf},
  },
  {name: 'a change that is not understood is skipped', seenBy: /^1 /, sabotage: {install: deletesSkipped}},
  {name: 'what was queued offline is not sent on connect', seenBy: /^12 /, sabotage: {install: notFlushedAtConnect}},
  {name: 'nobody asks whether the line still holds', seenBy: /^1[23] /, sabotage: {install: noHeartbeat}},
  {name: 'an expired token is shown again', seenBy: /^12 /, sabotage: {install: tokenNeverReplaced}},
  {name: 'a timer outlives the cleanup', seenBy: /^14 /, sabotage: {install: timerLeftBehind}},
  {name: 'the socket outlives the cleanup', seenBy: /^14 /, sabotage: {install: socketLeftOpen}},
  {name: 'what happened since is not laid over kept rows', seenBy: /^[16] /, sabotage: {install: keptRowsStandStill}},
  {name: 'rows are said to be kept and are not', seenBy: /^[167] /, sabotage: {install: keptRowsNotCopied}},
  {name: 'the checkpoint of one’s own database is written apart', seenBy: /^1 .*own database/, sabotage: {own: apart}},
  {name: 'the fence in one’s own database is ignored', seenBy: /^10 /, sabotage: {own: withoutOwnFence}},
  {name: 'an ack is told before it is durable', seenBy: /^9 told/, sabotage: {install: toldBeforeDurable}},
  {name: 'a logout leaves the rows where they are', seenBy: /^15 /, sabotage: {storage: withoutWipe}},
];
