/**
 * One turn as leader: the connection, the handler that applies what comes, the pump that sends what is queued. It ends
 * with `stop`, after which nothing of it writes or sends.
 */
import type {Checkpoint, Commits, CommittedRecord, Promotion} from '../database/database.js';
import {describe} from '../handler/describe.js';
import {isStreamFrame} from '../handler/stream-frame.js';
import {SyncMessageHandler} from '../handler/sync-message-handler.js';
import {
  type ErrorRecord,
  type ServerFrame,
  type ServerLimits,
  SyncError,
  type SyncState,
  type Want,
  type WelcomeFrame,
} from '../protocol/protocol.js';
import {type ConnectionFacts, NO_CONNECTION} from '../state/state.js';
import {Aftermath} from './aftermath.js';
import {complaintOf, isOfSubscription, isTelling} from './close-policy.js';
import {Connection} from './connection.js';
import {standDown} from './fence.js';
import {greeting} from './greeting.js';
import {Handover} from './handover.js';
import {Progress} from './progress.js';
import {Pump} from './pump.js';
import {ServerName} from './server-name.js';
import type {SessionContext} from './worker.js';

export class LeaderSession {
  readonly epoch: number;
  readonly #context: SessionContext;
  readonly #journal: Commits;
  readonly #name: ServerName;
  readonly #connection: Connection;
  readonly #handover: Handover;
  readonly #progress: Progress;
  readonly #handler: SyncMessageHandler;
  #stream: {phase: 'syncing' | 'live'; progress: SyncState['progress']} = {phase: 'syncing', progress: null};
  #lastSyncedAt: number | null = null;
  #error: ErrorRecord | null = null;
  /** Of a subscription, that the server does not have a part of it: all else flows. */
  #unserved: {error: ErrorRecord; of: string | undefined} | undefined;
  readonly #pump: Pump;
  /** Of the server that was greeted, until its stream has begun. */
  #limits: ServerLimits | undefined;
  /** Of the last server that was greeted. */
  #confirms = true;
  readonly #aftermath: Aftermath;
  #stopped = false;

  /** @param before the line's phase in the hands of the former leader */
  constructor(context: SessionContext, journal: Commits, promotion: Promotion, before: ConnectionFacts['phase']) {
    const {platform, logger, config, hooks, replica} = context;
    this.#context = context;
    this.epoch = promotion.epoch;
    this.#journal = journal;
    this.#name = new ServerName(journal, context.queue, platform.random, promotion.alias);
    this.#progress = new Progress(() => context.yield());
    journal.progressed = () => this.#progress.moved();
    this.#aftermath = new Aftermath(platform.clock, {
      // On a line that is still being opened the greeting comes first.
      acknowledge: receipt => this.#connection.welcome && this.#connection.send({type: 'received', ...receipt}),
      changed: context.changed,
    });
    this.#handover = new Handover(platform.clock, before, () => context.changed());
    const {frameChars, windowBytes} = config.limits;
    const room = {rows: replica, inboxChars: windowBytes + frameChars, clock: platform.clock};
    this.#handler = new SyncMessageHandler(journal, promotion, room, {
      received: (stream, n) => {
        this.#progress.made();
        this.#aftermath.received(stream, n, this.#stream.phase === 'live');
      },
      greetAgain: () => this.#connection.beginAgain(),
      committed: (checkpoint, records) => this.#committed(checkpoint, records),
      historyChanged: () => context.queue.historyChanged().then(() => this.#name.judgeWork()),
      phase: (phase, progress) => this.#phase(phase, progress),
      started: mode => {
        this.#tell({name: 'sync_started', detail: {mode}});
        if (this.#limits) this.#pump.open(this.#limits);
        this.#limits = undefined;
      },
      completed: lsn => this.#completed(lsn),
      failed: error => this.#applyFailed(error),
    });
    this.#connection = new Connection(
      {platform, logger, url: config.url, frameChars, hasToken: config.hasToken, dialect: config.dialect},
      {
        token: config.hasToken ? hooks.token : async () => ({token: undefined}),
        greeting: () =>
          this.#progress.of(greeting(context, journal, this.#handler, {epoch: this.epoch, alias: this.#name.show()})),
        opened: welcome => this.#guard(this.#opened(welcome)),
        frame: (frame, text) => this.#frame(frame, text),
        foreign: detail => this.#tell({name: 'message', detail}),
        complaint: frame => {
          const error = complaintOf(frame).toRecord();
          hooks.event({name: 'error', detail: error});
          if (isOfSubscription(frame)) this.#unserved = {error, of: this.#handler.subscription};
        },
        malformed: error => hooks.event({name: 'error', detail: error}),
        closed: (code, reason) => this.#closed(code, reason),
        retrying: (attempt, nextRetryAt) => hooks.event({name: 'reconnecting', detail: {attempt, nextRetryAt}}),
        fenced: () => this.#guard(this.#fenced()),
        barren: () => context.yield(),
        changed: () => context.changed(),
      },
    );
    this.#pump = new Pump(context.queue, platform.clock, {
      send: frame => this.#connection.send(frame),
      buffered: () => this.#connection.buffered,
      overdue: () => this.#connection.drop('an answer is overdue'),
      failed: error => this.#troubled(error),
      worked: () => {
        // The tab that logged out died before it could say so.
        if (context.queue.isBuried) return hooks.moved(true);
        if (this.#error && this.#stream.phase === 'live') this.#error = null;
        context.changed();
        // What had come back may not have been written down: then it is now.
        this.#echo().catch(error => this.#troubled(SyncError.from(error, 'storage-failed').toRecord()));
      },
    });
  }

  get facts(): ConnectionFacts {
    const line = this.#connection.facts;
    const unserved = this.#unserved?.of === this.#handler.subscription ? this.#unserved?.error : undefined;
    const phase = line.phase === 'open' ? this.#stream.phase : line.phase;
    return {
      ...NO_CONNECTION,
      ...line,
      phase,
      handover: this.#handover.during(phase),
      lastLSN: this.#handler.checkpoint?.lsn ?? '',
      headLSN: this.#connection.welcome?.headLSN ?? '',
      progress: line.phase === 'open' ? this.#stream.progress : null,
      lastSyncedAt: this.#lastSyncedAt,
      confirms: this.#confirms,
      error: line.error ?? this.#error ?? unserved ?? null,
    };
  }

  readonly connect = () => this.#connection.start();

  forceConnect(): void {
    this.#error = null;
    this.#connection.force();
  }

  readonly probe = () => this.#connection.probe();

  /** Each second. */
  readonly tick = () => {
    this.#progress.tick(this.#handler.isBusy);
    void this.#context.compaction?.run(() => this.#stream.phase === 'live' && !this.#handler.isBusy && !this.#stopped);
  };

  async disconnect(graceful: boolean): Promise<void> {
    if (graceful && this.#connection.welcome) await this.#pump.finish();
    if (!this.#context.wanted()) this.#connection.stop();
  }

  async resync(): Promise<void> {
    // Where nothing could be forgotten the stream has stopped all the same: it goes on from what is durable.
    await this.#handler.forget().finally(() => this.#connection.greetAgain());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#handover.end();
    this.#connection.stop();
    await this.#handler.connectionLost();
    this.#aftermath.drop();
    this.#journal.leave();
    await this.#pump.stop();
  }

  /** Every few seconds, and as tabs come or go: where that changes what is wanted the stream begins again. */
  reviewWants(wants: Want[] | undefined): void {
    if (this.#handler.isDueFor(wants)) void this.#connection.greetAgain();
    // Without a line nothing else would tell.
    if (!this.#connection.welcome) this.#guard(standDown(this.#context, this.#journal));
  }

  /** Sends what may go out; called whenever that may have changed. */
  pump(): void {
    this.#pump.run();
  }

  async #opened(welcome: WelcomeFrame): Promise<void> {
    const {config, hooks, instance} = this.#context;
    this.#stream = {phase: 'syncing', progress: null};
    this.#unserved = undefined;
    this.#name.greeted();
    if (config.user !== undefined && config.user !== welcome.subject) {
      const message = 'The server knows this token as another user than the page asks for';
      return this.#connection.refuse(new SyncError('wrong-subject', message, {action: 'sign-in'}));
    }
    // What the former leader left undone is read while the line is being opened.
    await this.#context.caughtUp;
    if (this.#stopped || this.#connection.welcome !== welcome) return;
    // The rows here are another one's: `claim` has the right database opened, and this one closed.
    if (!(await hooks.claim(welcome.subject))) return;
    if (this.#stopped || this.#connection.welcome !== welcome) return;
    instance.subject = welcome.subject;
    await this.#echo();
    await this.#context.queue.historyChanged();
    if (this.#connection.welcome !== welcome) return;
    this.#limits = welcome.limits;
    this.#confirms = welcome.confirms ?? true;
    this.#handler.welcomed(welcome.subject);
    hooks.event({name: 'connected', detail: {clientId: instance.clientId}});
  }

  #frame(frame: ServerFrame, text: string): void {
    if (frame.type === 'reset') this.#name.beyondLog();
    if (isStreamFrame(frame)) return this.#handler.accept(frame, text);
    // Numbers that another one of this name has settled: ours is an older copy, and the operation goes out again as its own.
    if (frame.type === 'operation_nack' && frame.code === 'stale-operation' && !this.#name.isFresh)
      return this.#guard(this.#name.renew().then(() => this.#connection.drop('a copy of another database')));
    if (frame.type === 'operation_ack') this.#settle(this.#context.queue.acknowledged(frame));
    if (frame.type === 'operation_nack') this.#settle(this.#context.queue.refused(frame));
  }

  #settle(work: Promise<void>): void {
    work.then(() => this.pump()).catch(error => this.#troubled(SyncError.from(error, 'storage-failed').toRecord()));
  }

  /** What the rows hold already does not go out again. */
  async #echo(): Promise<void> {
    const {checkpoint} = this.#handler;
    if (checkpoint) await this.#context.queue.reached(checkpoint);
  }

  async #committed(checkpoint: Checkpoint, records: readonly CommittedRecord[] | null): Promise<void> {
    if (this.#stream.phase === 'live') this.#lastSyncedAt = this.#context.platform.clock.now();
    await this.#context.committed(checkpoint, describe(checkpoint.lsn, records), records);
    this.#aftermath.committed();
  }

  #phase(phase: 'syncing' | 'live', progress: SyncState['progress']): void {
    // That it goes on being live is no news.
    if (phase !== 'live' || this.#stream.phase !== 'live' || this.#error) this.#context.changed();
    if (phase === 'live') this.#error = null;
    this.#stream = {phase, progress};
  }

  #completed(lsn: string): void {
    this.#lastSyncedAt = this.#context.platform.clock.now();
    this.#tell({name: 'sync_completed', detail: {lsn}});
    void this.#context.wants().then(wants => this.reviewWants(wants));
  }

  #tell(event: {name: 'sync_started' | 'sync_completed' | 'message'; detail: Record<string, unknown>}): void {
    this.#context.hooks.event(event as Parameters<SessionContext['hooks']['event']>[0]);
    this.#context.announce({kind: 'event', ...event});
  }

  /** The server knows of a newer leader. If our own storage does too, another tab has taken over. If not, this is a copy. */
  async #fenced(): Promise<void> {
    if (!(await standDown(this.#context, this.#journal))) await this.#name.renew();
  }

  /** What storage refuses here leaves the line without use: it is dropped, and tried again. */
  failed(error: SyncError): void {
    this.#applyFailed(error.toRecord());
  }

  #guard(work: Promise<unknown>): void {
    work.catch(error => this.failed(SyncError.from(error, 'storage-failed')));
  }

  /** The rows could not be written: the stream begins again from what is durable. Once may be a hiccup, which nobody is told of. */
  #applyFailed(error: ErrorRecord): void {
    // Of a turn that is over: another one may have begun in this tab.
    if (this.#stopped) return;
    if (error.code === 'storage-conflict') return this.#context.resign();
    const isAgain = this.#progress.failed() > 1;
    if (isTelling(error)) this.#troubled(error);
    else if (isAgain) this.#troubled({...error, code: 'apply-failed', action: 'retry'});
    else this.#context.logger.warn(`${error.code}, tried again: ${error.message}`);
    this.#connection.drop(error.code);
  }

  #troubled(error: ErrorRecord): void {
    if (this.#stopped) return;
    this.#error = error;
    this.#context.logger.error(`${error.code}: ${error.message}`);
    this.#context.hooks.event({name: 'error', detail: error});
    this.#context.changed();
  }

  #closed(code: number, reason: string): void {
    this.#limits = undefined;
    this.#aftermath.drop();
    this.#pump.close();
    void this.#handler.connectionLost();
    this.#context.hooks.event({name: 'disconnected', detail: {code, reason}});
  }
}
