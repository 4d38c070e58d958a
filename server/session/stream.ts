/**
 * One stream of data to one client, from its greeting until it is stopped.
 *
 *            ┌─ snapshot: all rows in key order ─────┐
 *    plan ───┤  backfill: but for types that are kept ├─ replay of the log ── sync_complete ── live
 *            ├─ catchup ─────────────────────────────┘                                          │
 *            └─ live ───────────────────────────────────────────────────────────────────────────┤
 *                 ▲                                                                             │
 *                 └──── reset and a fresh snapshot, when the log was trimmed under it ──────────┘
 *
 * Everything is pulled: the stream reads what comes next only once its client's window has room for it.
 */
import {compareLsn, type Lsn, type ServerFrame, SyncError, type SyncFrame} from '../../src/protocol/protocol.js';
import type {LogTail} from '../log-tail.js';
import {type ChangeSource, type LogChunk, type LogPosition, type Position, WHOLE} from '../source/change-source.js';
import {Credit} from './credit.js';
import {changesFrame, dataFrame, FrameBuffer, headFrame} from './frame-text.js';
import {markFor, type Plan, planStream, snapshotAt} from './plan.js';
import {snapshotFrames} from './snapshot.js';
import {type Subscription, type Subscriptions, visibleChange} from './subscription.js';

/** A client may ask for less than this, not for more: it is what the server has to hold for it. */
const MAX_WINDOW = 8 * 1024 * 1024;

/** The socket as a stream sees it. */
export interface StreamPort {
  send(frame: ServerFrame): void;
  sendText(text: string): void;
  /** Resolves when the socket's own buffer has room. */
  ready(): Promise<void>;
}

export class SyncStream {
  readonly id: number;
  readonly credit: Credit;
  readonly #source: ChangeSource;
  readonly #tail: LogTail;
  readonly #port: StreamPort;
  readonly #frame: SyncFrame;
  readonly #subscriptions: Subscriptions;
  readonly #stop = new AbortController();
  readonly #buffer = new FrameBuffer();
  /** Parts of the running transaction that are out. */
  #part = 0;
  /** What the client has been brought to. */
  #sent: Lsn = '0/0';
  /** Behind `#sent`: a transaction that held nothing for this client. */
  #skipped: Position | undefined;

  constructor(source: ChangeSource, tail: LogTail, port: StreamPort, frame: SyncFrame, subscriptions: Subscriptions) {
    this.id = frame.stream;
    this.credit = new Credit(Math.min(frame.window, MAX_WINDOW));
    this.#source = source;
    this.#tail = tail;
    this.#port = port;
    this.#frame = frame;
    this.#subscriptions = subscriptions;
  }

  get #subscription(): Subscription {
    return this.#subscriptions.wanted;
  }

  stop(): void {
    this.#stop.abort();
    this.#tail.letGo(this);
    this.credit.close();
  }

  /** Resolves when stopped. Rejects when the source fails. */
  async run(): Promise<void> {
    try {
      let plan = await planStream(this.#frame, this.#source, this.#subscriptions, this.#tail.end);
      while (!this.#stop.signal.aborted) {
        try {
          await this.#follow(plan);
        } catch (error) {
          if (!(error instanceof SyncError) || error.code !== 'log-trimmed') throw error;
          plan = snapshotAt(this.#tail.end, 'trimmed');
        }
      }
    } catch (error) {
      // A stopped stream has nobody to tell.
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async #follow(plan: Plan): Promise<void> {
    const {generation} = this.#source;
    const lsn = plan.mode === 'snapshot' ? plan.from.lsn : plan.from;
    const start = {type: 'sync_start', stream: this.id, generation, lsn} as const;
    if (plan.mode === 'snapshot') {
      const {keep, reset} = plan;
      const total = await this.#total(keep);
      if (this.#stop.signal.aborted) return;
      if (reset) this.#port.send({type: 'reset', generation, reason: reset});
      const what = keep.length > 0 ? ({mode: 'backfill', keep} as const) : ({mode: 'snapshot'} as const);
      this.#port.send({...start, ...what, mark: this.#marked(plan.from).mark, total});
    } else {
      this.#port.send({...start, mode: plan.mode});
    }
    this.#sent = lsn;
    this.#part = 0;
    this.#skipped = undefined;
    this.#buffer.take();
    if (plan.mode === 'snapshot') await this.#snapshot(plan);
    await this.#replay({lsn, seq: WHOLE}, plan.mode === 'live' ? undefined : this.#source.head.lsn);
  }

  async #total(keep: readonly string[]): Promise<number> {
    let total = 0;
    for (const [table, filters] of this.#subscription.tables) {
      if (!keep.includes(table)) total += await this.#source.count(table, filters);
    }
    return total;
  }

  async #snapshot(plan: Extract<Plan, {mode: 'snapshot'}>): Promise<void> {
    if (plan.at === null) return;
    const origin = {
      generation: this.#source.generation,
      ...plan.from,
      subscription: this.#subscription.fingerprint,
      keep: plan.keep,
    };
    for await (const {changes, cursor} of snapshotFrames(this.#source, this.#subscription, origin, plan.at)) {
      await this.#sendData(n => dataFrame(this.id, n, changes, cursor));
    }
  }

  /** Sends the log from here on, for ever; `target` is where `sync_complete` is due. */
  async #replay(from: LogPosition, target: Lsn | undefined): Promise<void> {
    let position = from;
    let due = target;
    while (!this.#stop.signal.aborted) {
      const {end} = this.#tail;
      const chunks = await this.#tail.read(position);
      for (const chunk of chunks) {
        await this.#transaction(chunk);
        position = chunk.end;
      }
      if (this.#buffer.empty && this.#part === 0) await this.#catchHead();
      if (due !== undefined && position.seq === WHOLE && compareLsn(position.lsn, due) >= 0) {
        due = undefined;
        this.#complete();
      }
      if (chunks.length === 0 && !this.#stop.signal.aborted) await this.#tail.changed(end, this);
    }
  }

  #complete(): void {
    const {generation} = this.#source;
    const last = this.credit.next - 1;
    this.#port.send({type: 'sync_complete', stream: this.id, generation, lsn: this.#sent, last});
  }

  /** One transaction, or the next piece of one: what the client sees of it, in as many frames as it takes. */
  async #transaction(chunk: LogChunk): Promise<void> {
    for (const change of chunk.changes) {
      const text = visibleChange(this.#subscription, change);
      if (text === undefined) continue;
      const bytes = Buffer.byteLength(text);
      if (this.#buffer.isFull(bytes)) await this.#sendChanges(chunk, false);
      this.#buffer.add(text, bytes);
    }
    if (!chunk.complete) return;
    if (this.#part > 0 || !this.#buffer.empty) await this.#sendChanges(chunk, true);
    else this.#skipped = chunk;
  }

  async #sendChanges(chunk: LogChunk, final: boolean): Promise<void> {
    const at = this.#marked(chunk);
    const changes = this.#buffer.take();
    const inParts = this.#part > 0 || !final;
    const parts = inParts ? {part: ++this.#part, final} : {};
    const prevLSN = this.#sent;
    await this.#sendData(n => changesFrame({stream: this.id, n, prevLSN, at, ...parts}, changes));
    if (!final) return;
    this.#part = 0;
    this.#sent = at.lsn;
    this.#skipped = undefined;
  }

  /** Tells the client how far the head has moved without anything for it. */
  async #catchHead(): Promise<void> {
    const skipped = this.#skipped;
    if (!skipped) return;
    this.#skipped = undefined;
    const prevLSN = this.#sent;
    const at = this.#marked(skipped);
    await this.#sendData(n => headFrame(this.id, n, prevLSN, at, Date.now()));
    this.#sent = at.lsn;
  }

  #marked({lsn, mark}: Position): Position {
    return {lsn, mark: markFor(this.#subscription, mark)};
  }

  async #sendData(make: (n: number) => string): Promise<void> {
    const text = make(this.credit.next);
    const bytes = Buffer.byteLength(text);
    const granted = await this.credit.take(bytes);
    await this.#port.ready();
    if (!granted || this.#stop.signal.aborted) throw new SyncError('stopped', 'The stream was stopped');
    this.credit.spend(bytes);
    this.#port.sendText(text);
  }
}
