/**
 * Bugs of which nobody can notice anything until somebody dies at the wrong moment: planted for crash-points.ts, which has
 * to find that moment.
 */
import {Outbox} from '../../src/queue/outbox.js';
import {markSent} from '../../src/queue/records.js';
import type {Sabotage} from '../../testing/simulation/sabotage.js';
import {type Bug, patch} from './bugs.js';
import {forgetfulServer, neverStrict} from './bugs-ports.js';

const markedWhileSending: NonNullable<Sabotage['install']> = () =>
  patch(
    Outbox.prototype,
    'update',
    before =>
      async function (this: Outbox, seqs, change, options) {
        const written = before.call(this, seqs, change, options);
        if (change !== markSent) return written;
        for (const seq of seqs) {
          const record = this.records.get(seq);
          if (record) this.index.set(seq, markSent(record));
        }
        written.catch(() => {});
        return [...seqs];
      },
  );

const underWayForgotten: NonNullable<Sabotage['install']> = () =>
  patch(
    Outbox.prototype,
    'load',
    before =>
      async function (this: Outbox) {
        await before.call(this);
        for (const seq of [...this.index.stage('sent').keys()]) this.index.set(seq, undefined);
      },
  );

export interface CrashBug extends Bug {
  /** The crossings around which it shows. */
  near: RegExp;
}

export const CRASH_BUGS: CrashBug[] = [
  {
    name: 'an operation is sent while it is marked as sent',
    seenBy: /^6 /,
    sabotage: {install: markedWhileSending},
    near: /^send operations$/,
  },
  {
    name: 'enqueue waits for no more than memory',
    seenBy: /^4 /,
    sabotage: {storage: neverStrict},
    near: /^tell page answer$/,
  },
  {
    name: 'the server forgets what it has applied',
    seenBy: /^5 /,
    sabotage: forgetfulServer,
    near: /^frame operation_ack$/,
  },
  {
    name: 'a new engine forgets what was under way',
    seenBy: /^(12|13) /,
    sabotage: {install: underWayForgotten},
    near: /^send operations$/,
  },
];
