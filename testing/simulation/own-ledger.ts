/**
 * What a database of the user's own has to hold, at each of its commits. One that keeps the checkpoint: that its rows are those
 * of the server at the checkpoint (1), which never goes back (2), written by the leader that took over last (10). Of one that
 * keeps none less is promised: a batch may come twice, so its rows are held against the server's only in the end, and a lock
 * says who may write.
 */
import {instanceName} from '../../src/database/database.js';
import {compareLsn} from '../../src/protocol/protocol.js';
import type {Oracle, ServerState} from './oracle.js';
import type {OwnCommit, OwnState} from './own-store.js';
import {difference, markOf} from './replica-fold.js';
import {Violation} from './trace.js';

interface Hooks {
  /** Rows are durable up to a state of the server's. @param database the client's, by the name it has on the disk */
  reached(profile: string, database: string, state: ServerState): void;
}

export class OwnLedger {
  readonly #oracle: Oracle;
  readonly #hooks: Hooks;
  /** Profile and client → the highest epoch, and the page that brought it. */
  readonly #fences = new Map<string, {epoch: number; by: string}>();

  constructor(oracle: Oracle, hooks: Hooks) {
    this.#oracle = oracle;
    this.#hooks = hooks;
  }

  /** @param mayWrite whether this page holds the lock that stands in for the fence */
  observe(profile: string, {by, before, after}: OwnCommit, mayWrite: boolean): void {
    const {checkpoint} = after;
    if (!checkpoint) {
      if (before.checkpoint || after.rows.size === 0) return;
      if (!mayWrite) throw new Violation('10 fence', `${by} wrote to a database that it holds no lock of`);
      return;
    }
    this.#fence(profile, by, checkpoint);
    const {at} = checkpoint;
    const earlier = before.checkpoint?.at;
    if (!at) return;
    if (earlier?.generation === at.generation && compareLsn(at.lsn, earlier.lsn) < 0) {
      throw new Violation('2 checkpoint', `went back from ${earlier.lsn} to ${at.lsn} in the user's own database`);
    }
    const state = this.#oracle.states.get(markOf(at));
    if (!state || state.lsn !== at.lsn) throw new Violation('1 checkpoint', `${at.lsn} with mark ${at.mark} never was`);
    this.#hooks.reached(profile, instanceName(checkpoint.instance), state);
    const wrong = difference(after.rows, state.rows, at.subject, [at.wants]);
    if (wrong) throw new Violation('1 rows', `in the user's own database, by ${by}, at ${at.lsn}: ${wrong}`);
  }

  /** A copy of a profile goes on from what the first one had. */
  copied(from: string, to: string): void {
    for (const [place, fence] of [...this.#fences]) {
      if (place.startsWith(`${from} `)) this.#fences.set(place.replace(from, to), fence);
    }
  }

  #fence(profile: string, by: string, {instance, epoch}: NonNullable<OwnState['checkpoint']>): void {
    const place = `${profile} ${instance}`;
    const last = this.#fences.get(place);
    if (last && (epoch < last.epoch || (epoch === last.epoch && by !== last.by))) {
      throw new Violation('10 fence', `${by} wrote with epoch ${epoch} behind ${last.by} with epoch ${last.epoch}`);
    }
    this.#fences.set(place, {epoch, by});
  }
}
