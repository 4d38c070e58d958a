/** One tab: a page that asks, answers and listens, and the real engine behind an endpoint of its own. */
import type {Endpoint} from '../../src/platform/endpoint.js';
import {
  type EngineEvent,
  type EngineMessage,
  type EngineRequest,
  type ErrorRecord,
  type JsonObject,
  type PageMessage,
  PORT_FORMAT,
  SyncError,
  type SyncState,
} from '../../src/protocol/protocol.js';
import {SyncEngine} from '../../src/worker/sync-engine.js';
import {Knowledge} from './knowledge.js';
import type {Promised} from './ledger.js';
import {PageReads} from './page-reads.js';
import type {Profile} from './profile.js';
import {OpenDatabases} from './storage.js';
import {OWN_CONFIG, TabDatabase} from './tab-database.js';
import {Violation} from './trace.js';
import {type Host, virtualPlatform} from './virtual-platform.js';
import type {Process} from './virtual-time.js';
import type {Wants} from './wishes.js';

interface Outstanding {
  request: EngineRequest;
  answered: (value: unknown) => void;
  refused: (error: ErrorRecord) => void;
}

/** Columns that every second tab keeps in order. */
const INDEXES = {task: ['h'], pair: ['h', 's', 't'], own: ['owner']};

const LIMITS = {
  queueCount: 10_000,
  queueBytes: 50_000_000,
  operationBytes: 1_048_576,
  frameChars: 8_388_608,
  windowBytes: 1_048_576,
  rowCacheBytes: 67_108_864,
  // Few enough for a journal to be compacted many times in one run.
  journalSlack: 8,
};

/** What a page asks again of the next worker. */
const AGAIN = new Set<string>(['enqueue', 'settled']);

/** Milliseconds after which a page whose engine ended starts another. */
const RESTART = 1000;

export class Tab {
  readonly profile: Profile;
  readonly knowledge: Knowledge;
  readonly reads: PageReads;
  readonly wants: Wants;
  process: Process;
  /** The page itself, which outlives its workers. */
  readonly page: Process;
  host: Host;
  state: SyncState | undefined;
  /** The page does not answer: it is busy, or its login service is. */
  mute = false;
  /** It is on its way out. */
  closing = false;
  /** Virtual time since when it runs without a pause. */
  awakeSince = 0;
  /** Virtual time since when it leads without a socket. */
  linelessSince: number | undefined;
  readonly #requests = new Map<number, Outstanding>();
  readonly #number: number;
  #ids = 0;
  #runs = 0;
  #listener: ((message: unknown) => void) | undefined;
  readonly #database: TabDatabase | undefined;
  #last = 0;
  #lastToken: {user: string | undefined; token: string | undefined} | undefined;

  constructor(profile: Profile, number: number) {
    this.profile = profile;
    this.#number = number;
    this.process = {name: `${profile.name}.${number}`, alive: true, frozen: false};
    this.page = {name: `${this.name}:page`, alive: true, frozen: false};
    this.#database = profile.own && new TabDatabase(this, profile.own);
    this.knowledge = new Knowledge(this);
    this.reads = new PageReads(this);
    this.wants = profile.world.wishes(number);
    this.host = this.#start();
    // What is on the disk as it opens, it has to know.
    for (const op of profile.world.ledger.operations.values()) {
      if (op.profile === profile.name && op.accepted) this.knowledge.learn(op);
    }
  }

  get name(): string {
    return this.process.name;
  }

  get databases(): OpenDatabases {
    return this.host.databases;
  }

  /** The worker dies, the page stays: it starts another and asks again for what may be asked twice. */
  restart(): void {
    const again = [...this.#requests.values()].filter(({request}) => AGAIN.has(request.do));
    this.#end();
    if (this.page.frozen) this.profile.world.time.thaw(this.page);
    this.process = {name: `${this.name.split('~')[0]}~${++this.#runs}`, alive: true, frozen: false};
    this.host = this.#start();
    for (const {request, answered, refused} of again) this.ask(request, answered, refused);
    this.reads.watchAgain();
    if (this.profile.wanted) this.ask({do: 'connect'});
  }

  die(): void {
    this.#end();
    this.profile.bury(this.page);
    const {tabs} = this.profile;
    if (tabs.includes(this)) tabs.splice(tabs.indexOf(this), 1);
  }

  /** Its engine is over, in peace. */
  endDatabase(): void {
    this.#database?.close();
  }

  #end(): void {
    const closed = new SyncError('closed', 'The tab is gone').toRecord();
    const asked = [...this.#requests.values()].filter(({request}) => ['logout', 'discard'].includes(request.do));
    this.#requests.clear();
    this.endDatabase();
    this.host.databases.drop();
    this.state = undefined;
    this.profile.bury(this.process);
    for (const {refused} of asked) refused(closed);
  }

  ask(request: EngineRequest, answered = (_: unknown) => {}, refused = (_: ErrorRecord) => {}): void {
    const id = ++this.#ids;
    this.#requests.set(id, {request, answered, refused});
    this.tell({kind: 'request', id, request});
  }

  tell(message: PageMessage): void {
    const {time, random, cross} = this.profile.world;
    this.#last = Math.max(this.#last, time.now + random.fraction());
    const {process} = this;
    const listener = this.#listener;
    const what = message.kind === 'request' ? message.request.do : message.kind;
    const hear = () => cross(process, `page asks ${what}`, () => listener?.(message));
    time.at(this.#last - time.now, process, hear);
  }

  enqueue(op: Promised, payload: JsonObject | undefined, priority: number): void {
    const {ledger, patient} = this.profile.world;
    ledger.asked(op);
    const [entityType = '', entityId = ''] = op.key.split('/');
    const type = op.kind === 'remove' ? 'delete' : 'upsert';
    const partial = op.kind === 'patch' ? {partial: true} : {};
    const operation = {id: op.id, type, entityType, entityId, priority, ...partial, ...(payload ? {payload} : {})};
    this.ask({do: 'enqueue', operation}, () => {
      op.accepted = true;
      this.knowledge.learn(op);
      ledger.survived(this.profile.name, this.profile.disk.all());
      if (patient) this.#waitFor(op);
    });
  }

  /** Until the server has it, whichever worker is there by then; a refusal is as good an answer. */
  #waitFor(op: Promised): void {
    const {fail} = this.profile.world;
    const refused = ({code}: ErrorRecord) => {
      if (op.failures === 0 && !op.discarded) fail(new Violation('9 told', `settled(${op.id}) rejects with ${code}`));
    };
    this.ask({do: 'settled', operation: op.id, until: 'applied'}, () => this.knowledge.tookEffect(op.id), refused);
  }

  /** What it asked for and has no answer to. */
  get waiting(): string[] {
    return [...this.#requests.values()].map(({request}) => request.do);
  }

  #start(): Host {
    const {process, profile} = this;
    const {cross} = profile.world;
    this.#listener = undefined;
    this.#last = 0;
    this.awakeSince = profile.world.time.now;
    const endpoint: Endpoint = {
      post: message => {
        const told = structuredClone(message) as EngineMessage;
        if (process.alive) cross(process, `tell page ${told.kind}`, () => this.#heard(told));
      },
      listen: listener => {
        this.#listener = listener;
      },
      close: () => {},
    };
    const host: Host = {process, databases: new OpenDatabases(), timers: 0, listeners: 0, crash: () => this.die()};
    this.#database?.begin(answer => this.tell(answer));
    new SyncEngine(endpoint, virtualPlatform(profile, host));
    const config = {
      url: 'ws://simulated/api/sync',
      ...(this.#database ? OWN_CONFIG : {database: 'simulated'}),
      limits: {...LIMITS, windowBytes: profile.world.window ?? LIMITS.windowBytes},
      mode: 'worker',
      hasToken: profile.world.auth,
      log: 'info',
      ...(this.wants ? {types: this.wants} : {}),
      ...(this.#number % 2 ? {indexes: INDEXES} : {}),
    } as const;
    // What could not be opened is opened anew by another worker, as the page's next request has it.
    this.ask({do: 'init', format: PORT_FORMAT, config}, undefined, () => this.#startAgain(process));
    return host;
  }

  #startAgain(process: Process): void {
    this.profile.world.time.at(RESTART, process, () => (this.closing ? this.die() : this.restart()));
  }

  #heard(message: EngineMessage): void {
    const {trace, fail} = this.profile.world;
    if (message.kind !== 'ready' && message.kind !== 'state') trace.add(this.name, JSON.stringify(message));
    try {
      switch (message.kind) {
        case 'answer':
          this.#take(message.id)?.answered(message.value);
          return;
        case 'refusal':
          this.#take(message.id)?.refused(message.error);
          return;
        case 'live':
          return this.reads.followed(message.live, message.value);
        case 'live-error':
          return this.reads.lost(message.live);
        case 'state':
          return this.#told(message.state);
        case 'database':
          return this.#database?.hear(message);
        case 'token':
          return this.#giveToken(message.ask);
        case 'event':
          return this.#happened(message.event);
        case 'over':
          // A newer version is there: the page is loaded again.
          return this.#startAgain(this.process);
      }
    } catch (error) {
      fail(error);
    }
  }

  #happened({name, detail}: EngineEvent): void {
    if (name === 'operation_error') this.knowledge.refusalSurfaced(detail.id);
    if (name === 'operation_complete') this.knowledge.tookEffect(detail.id);
  }

  #told(state: SyncState): void {
    const {trace, ledger} = this.profile.world;
    this.state = state;
    trace.add(this.name, `state ${state.status} ${state.role} ${state.lastLSN}`);
    if (state.lastLSN !== '' && !ledger.wasDurable(this.profile.name, state.lastLSN)) {
      throw new Violation('13 honest', `${this.name} says it holds ${state.lastLSN}, which was never durable`);
    }
  }

  /** Mostly a new one; sometimes the one before, as from a cache. */
  #giveToken(ask: number): void {
    const {time, random} = this.profile.world;
    time.at(random.fraction() * 300, this.process, () => {
      if (this.mute) return;
      const {user} = this.profile;
      const cached = random.chance(0.1) && this.#lastToken?.user === user;
      if (!cached) this.#lastToken = {user, token: this.profile.world.token(this.profile)};
      const token = this.#lastToken?.token;
      this.tell(token === undefined ? {kind: 'token', ask} : {kind: 'token', ask, token});
    });
  }

  #take(id: number): Outstanding | undefined {
    const outstanding = this.#requests.get(id);
    this.#requests.delete(id);
    return outstanding;
  }
}
