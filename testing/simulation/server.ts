/**
 * The reference server without its socket library: the real sessions, streams, operations and log tail over the real
 * memory source, hosted as server/sync-server.ts hosts them. Each run of it is a process that can die at any await.
 */
import type {IncomingMessage} from 'node:http';
import {LogTail} from '../../server/log-tail.js';
import {OperationRefused} from '../../server/operations/refusal.js';
import {type Limits, type Settings, settle} from '../../server/options.js';
import {Counters} from '../../server/session/counters.js';
import {Instances} from '../../server/session/instances.js';
import {Session, type Shared} from '../../server/session/session.js';
import {Socket} from '../../server/session/socket.js';
import {returnAfter, Turnstile} from '../../server/session/turnstile.js';
import {type LogPosition, WHOLE} from '../../server/source/change-source.js';
import {MemorySource} from '../../server/source/memory/memory-source.js';
import {normalisePublish} from '../../server/source/publication.js';
import {CLOSE} from '../../src/protocol/protocol.js';
import type {Dice} from './dice.js';
import {fakeWebSocket} from './fake-web-socket.js';
import {ownRows, readToken} from './login.js';
import type {Link} from './network.js';
import type {Oracle} from './oracle.js';
import {partialSource} from './partial-source.js';
import type {Sabotage} from './sabotage.js';
import type {RowWrite} from './server-rows.js';
import {slowSource, whimOf} from './slow-source.js';
import {type Trace, Violation} from './trace.js';
import type {Process, VirtualTime} from './virtual-time.js';

/** `own`: rows that only their owner may see. */
const TABLES = {task: {}, pair: {}, own: {}};
type Saved = ReturnType<MemorySource['save']>;

interface Run extends Shared {
  process: Process;
  source: MemorySource;
  sessions: Map<Session, {socket: Socket; link: Link}>;
}

export interface ServerContext {
  time: VirtualTime;
  random: Dice;
  oracle: Oracle;
  trace: Trace;
  sabotage: Sabotage;
  /** Whether clients must show a token. */
  auth: boolean;
  /** Whether it names only the columns that have changed. */
  terse: boolean;
  fail(error: unknown): void;
}

export class SimulatedServer {
  readonly #context: ServerContext;
  #run: Run | undefined;
  #runs = 0;
  #draining = false;
  #saved: Saved | undefined;
  readonly backups: Saved[] = [];
  /** Of the runs to come. */
  limits: Partial<Limits> = {};
  #observed: LogPosition = {lsn: '0/0', seq: WHOLE};

  constructor(context: ServerContext) {
    this.#context = context;
  }

  get process(): Process | undefined {
    return this.#run?.process;
  }

  /** Rows as the host's own code writes them, in one transaction. */
  async write(rows: readonly RowWrite[]): Promise<void> {
    await this.#run?.source.transaction(async tx => {
      for (const [table, id, columns] of rows) {
        if (columns) await tx.write(table, id, columns, 'merge');
        else await tx.remove(table, id);
      }
    });
  }

  async start(): Promise<void> {
    const {time, random, oracle, trace, terse, fail} = this.#context;
    const process: Process = {name: `server#${++this.#runs}`, alive: true, frozen: false};
    const memory = new MemorySource({tables: TABLES, ...(this.#saved ? {state: this.#saved} : {})});
    const slow = slowSource(memory, {
      pause: () => new Promise(resolve => time.at(random.fraction() * 4, process, () => resolve())),
      recorded: (lsn, effect) => oracle.recorded(lsn, effect),
      rolledBack: () => oracle.rolledBack(),
    });
    const spoken = terse ? partialSource(slow) : slow;
    const source = this.#context.sabotage.source?.(spoken) ?? spoken;
    const complain = (message: string, error?: unknown) => {
      trace.add('server', `${message} ${String(error)}`);
      if (process.alive) fail(new Violation('server', `${message}: ${error instanceof Error ? error.stack : error}`));
    };
    const settings = this.#settings(source, complain);
    await memory.start(normalisePublish(settings.publish));
    if (this.#runs === 1) oracle.begin(memory.head.lsn, memory.head.mark);
    else if (memory.head.mark !== oracle.head.mark) oracle.rotated(memory.head.lsn, memory.head.mark);
    this.#observed = {lsn: memory.head.lsn, seq: WHOLE};
    memory.subscribe(() => this.#observe(memory));
    const tail = new LogTail(source, error => complain('Reading the log failed', error));
    tail.start();
    const sessions: Run['sessions'] = new Map();
    const instances = new Instances(source);
    this.#run = {
      process,
      source: memory,
      sessions,
      settings,
      tail,
      instances,
      turnstile: new Turnstile(settings.limits.greetingsPerSecond),
      counters: new Counters(),
      admit: () => true,
    };
    this.#tick(this.#run);
  }

  /** Ends this run at once. What is committed stays. */
  crash(): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    this.#draining = false;
    run.process.alive = false;
    this.#saved = run.source.save();
    for (const {link} of run.sessions.values()) link.serverDied();
  }

  /** Sends everybody away, over so many milliseconds, and then ends. */
  drain(spread: number): void {
    const {time} = this.#context;
    const run = this.#run;
    if (!run) return;
    this.#draining = true;
    const sessions = [...run.sessions.keys()];
    for (const [index, session] of sessions.entries()) {
      time.at((spread * index) / sessions.length, run.process, () => {
        const retryAfter = returnAfter(sessions.length);
        void session.close('draining', 'The server is restarting', CLOSE.draining, {retryAfter});
      });
    }
    time.at(spread + 500, run.process, () => this.crash());
  }

  backup(): void {
    if (this.#run) this.backups.push(this.#run.source.save());
  }

  /** Ends the run; the next one starts from an older state. */
  restore(index: number): void {
    const saved = this.backups[index];
    if (!saved) return;
    this.crash();
    this.#saved = structuredClone(saved);
    const {mark} = saved.log.at(-1) ?? saved.floor;
    this.#context.oracle.restored(mark);
  }

  /** Ends the run; the next one has the rows, but a history of its own, as after a change of what is published. */
  rotate(): void {
    this.crash();
    this.#context.oracle.forgets = true;
    if (this.#saved) this.#saved.shape = 'another';
  }

  /** Sockets that it holds. */
  get sockets(): number {
    return this.#run?.sessions.size ?? 0;
  }

  async trim(rows: number): Promise<void> {
    this.#context.oracle.forgets = true;
    await this.#run?.source.trim({rows, milliseconds: 1e12});
  }

  accept(link: Link): void {
    const run = this.#run;
    if (!run || link.serverClosed) return;
    if (this.#draining) return link.reset();
    const socket = new Socket(
      fakeWebSocket(link, text => this.#note(link, text)),
      {bytesRead: 0},
    );
    const session = new Session(run, socket, {headers: {}} as IncomingMessage);
    run.sessions.set(session, {socket, link});
    link.serverHandlers = {
      message: text => {
        socket.seen();
        session.receive(text, Buffer.byteLength(text));
      },
      close: () => {
        run.sessions.delete(session);
        socket.gone();
        void session.closed();
      },
    };
  }

  /** Subject and instance → how many greeted sockets it has. */
  accepted(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const [{instance}, {link}] of this.#run?.sessions ?? []) {
      if (instance === undefined) continue;
      const client = `${link.subject} ${instance}`;
      counts.set(client, (counts.get(client) ?? 0) + 1);
    }
    return counts;
  }

  #settings(source: Settings['source'], complain: (message: string, error?: unknown) => void): Settings {
    const tries = new Map<string, number>();
    return settle({
      source,
      publish: ['task', 'pair', 'own'],
      ...(this.#context.auth ? {authenticate: ({token}) => readToken(token), rows: ownRows} : {}),
      logger: {error: complain, warn: complain, info: () => {}, debug: () => {}},
      authorize: op => {
        const whim = whimOf(op);
        if (whim === 'poison') return {code: 'poison', message: 'Never'};
        const tried = (tries.get(op.id) ?? 0) + 1;
        tries.set(op.id, tried);
        if (whim === 'flaky' && tried < 3) throw new OperationRefused('busy', 'Later', {retryable: true});
        return true;
      },
      limits: {framesPerSecond: 1e6, operationsPerSecond: 1e6, bytesPerSecond: 1e9, ...this.limits},
    });
  }

  #observe(memory: MemorySource): void {
    const {oracle, trace, fail} = this.#context;
    memory
      .read(this.#observed, Number.MAX_SAFE_INTEGER)
      .then(chunks => {
        for (const chunk of chunks) {
          trace.add('server', `commit ${chunk.lsn} ${chunk.changes.map(({text}) => text.slice(0, 120)).join(' ')}`);
          oracle.committed(chunk);
          this.#observed = chunk.end;
        }
      })
      .catch(fail);
  }

  #note(link: Link, text: string): void {
    if (text.startsWith('{"type":"welcome"')) link.subject = (JSON.parse(text) as {subject: string}).subject;
    if (!text.startsWith('{"type":"operation_nack"')) return;
    const {id, retryable} = JSON.parse(text) as {id: string; retryable: boolean};
    if (!retryable) this.#context.oracle.refused.add(id);
  }

  #tick(run: Run): void {
    this.#context.time.at(1000, run.process, () => {
      const now = Date.now();
      const {heartbeat, deadAfter} = run.settings.limits;
      for (const [session, {socket}] of run.sessions) {
        if (socket.alive(now, heartbeat, deadAfter)) session.tick(now);
        else socket.terminate();
      }
      run.instances.sweep();
      this.#tick(run);
    });
  }
}
