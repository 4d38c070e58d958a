/** One tab: a page that asks and remembers what it was told, and the real engine behind an endpoint of its own. */
import type {Endpoint} from '../../src/platform/endpoint.js';
import {
  type EngineMessage,
  type EngineRequest,
  type ErrorRecord,
  type JsonObject,
  type PageMessage,
  PORT_FORMAT,
  type SyncState,
} from '../../src/protocol/protocol.js';
import {SyncEngine} from '../../src/worker/sync-engine.js';
import {type Promised, recordsOf} from './ledger.js';
import type {Profile} from './profile.js';
import {Violation} from './trace.js';
import type {Process} from './virtual-time.js';

interface Outstanding {
  request: EngineRequest;
  answered: (value: unknown) => void;
  refused: (error: ErrorRecord) => void;
}

const LIMITS = {
  queueCount: 10_000,
  queueBytes: 50_000_000,
  operationBytes: 1_048_576,
  frameChars: 8_388_608,
  windowBytes: 1_048_576,
  rowCacheBytes: 67_108_864,
};

export class Tab {
  readonly profile: Profile;
  process: Process;
  state: SyncState | undefined;
  openTransactions = new Set<string>();
  /** What this page was promised, and what lay on the disk before it opened. */
  readonly promised = new Set<string>();
  /** Key → the least number of an operation whose value this page may be shown. */
  readonly #floors = new Map<string, Promised>();
  readonly #requests = new Map<number, Outstanding>();
  #ids = 0;
  #runs = 0;
  #listener: ((message: unknown) => void) | undefined;
  #last = 0;

  constructor(profile: Profile, number: number) {
    this.profile = profile;
    this.process = {name: `${profile.name}.${number}`, alive: true, frozen: false};
    this.#start();
    // What is on the disk as it opens, it has to know.
    for (const op of profile.world.ledger.operations.values()) {
      if (op.profile === profile.name && op.accepted) this.#learn(op);
    }
  }

  /** The worker dies, the page stays: it starts another and asks again for what may be asked twice. */
  restart(): void {
    const again = [...this.#requests.values()].filter(({request}) => request.do === 'enqueue');
    this.#end();
    this.process = {name: `${this.process.name.split('~')[0]}~${++this.#runs}`, alive: true, frozen: false};
    this.#start();
    for (const {request, answered, refused} of again) this.ask(request, answered, refused);
    if (this.profile.wanted) this.ask({do: 'connect'});
  }

  die(): void {
    this.#end();
    const {tabs} = this.profile;
    if (tabs.includes(this)) tabs.splice(tabs.indexOf(this), 1);
  }

  #end(): void {
    this.#requests.clear();
    this.openTransactions.clear();
    this.state = undefined;
    this.profile.bury(this.process);
  }

  ask(request: EngineRequest, answered = (_: unknown) => {}, refused = (_: ErrorRecord) => {}): void {
    const id = ++this.#ids;
    this.#requests.set(id, {request, answered, refused});
    this.#tell({kind: 'request', id, request});
  }

  visible(): void {
    this.#tell({kind: 'visible'});
  }

  enqueue(op: Promised, payload: JsonObject | undefined, priority: number): void {
    const {ledger} = this.profile.world;
    ledger.operations.set(op.id, op);
    const [entityType = '', entityId = ''] = op.key.split('/');
    const type = op.kind === 'remove' ? 'delete' : 'upsert';
    const partial = op.kind === 'patch' ? {partial: true} : {};
    const operation = {id: op.id, type, entityType, entityId, priority, ...partial, ...(payload ? {payload} : {})};
    this.ask({do: 'enqueue', operation}, () => {
      op.accepted = true;
      this.#learn(op);
      const stores = [...this.profile.disk.databases.values()].map(({stores}) => stores);
      ledger.survived(this.profile.name, stores);
    });
  }

  /** Looks at one row, and whether it shows what this page knows of. */
  read(key: string): void {
    const [type = '', entityId = ''] = key.split('/');
    const floor = this.#floors.get(key);
    this.ask({do: 'get', type, entityId}, value => this.#shown(key, floor, value as JsonObject | undefined));
  }

  /** Rows that the server only ever writes together. */
  readPairs(): void {
    this.ask({do: 'list', type: 'pair', query: {}}, value => {
      const rows = new Map((value as JsonObject[]).map(row => [row['id'], row['t']]));
      if (rows.get('a') !== rows.get('b')) {
        throw new Violation('3 atomic', `${this.process.name} shows a=${rows.get('a')} with b=${rows.get('b')}`);
      }
    });
  }

  #start(): void {
    const {process} = this;
    const {profile} = this;
    this.#listener = undefined;
    this.#last = 0;
    const endpoint: Endpoint = {
      post: message => {
        if (process.alive) this.#heard(structuredClone(message) as EngineMessage);
      },
      listen: listener => {
        this.#listener = listener;
      },
      close: () => {},
    };
    new SyncEngine(
      endpoint,
      profile.platform(process, this.openTransactions, () => this.die()),
    );
    const config = {
      url: 'ws://simulated/api/sync',
      database: 'simulated',
      limits: LIMITS,
      mode: 'worker',
      hasToken: false,
      log: 'info',
    } as const;
    const nothing = () => {};
    // What could not be opened is opened anew by another worker, as the page's next request has it.
    const again = () => this.profile.world.time.at(1000, process, () => this.restart());
    this.ask({do: 'init', format: PORT_FORMAT, config}, nothing, again);
  }

  #tell(message: PageMessage): void {
    const {time, random} = this.profile.world;
    this.#last = Math.max(this.#last, time.now + random.fraction());
    const listener = this.#listener;
    time.at(this.#last - time.now, this.process, () => listener?.(message));
  }

  #heard(message: EngineMessage): void {
    const {trace, fail} = this.profile.world;
    if (message.kind !== 'ready' && message.kind !== 'state') trace.add(this.process.name, JSON.stringify(message));
    try {
      switch (message.kind) {
        case 'answer':
          this.#take(message.id)?.answered(message.value);
          return;
        case 'refusal':
          this.#take(message.id)?.refused(message.error);
          return;
        case 'state':
          this.state = message.state;
          trace.add(this.process.name, `state ${message.state.status} ${message.state.role} ${message.state.lastLSN}`);
          return;
      }
    } catch (error) {
      fail(error);
    }
  }

  #take(id: number): Outstanding | undefined {
    const outstanding = this.#requests.get(id);
    this.#requests.delete(id);
    return outstanding;
  }

  #learn(op: Promised): void {
    this.promised.add(op.id);
    const floor = this.#floors.get(op.key);
    if ((op.seq ?? 0) >= (floor?.seq ?? 0)) this.#floors.set(op.key, op);
  }

  #shown(key: string, floor: Promised | undefined, row: JsonObject | undefined): void {
    const {ledger} = this.profile.world;
    const shown = row?.[`c${this.profile.name}`];
    const op = typeof shown === 'string' ? ledger.operations.get(shown) : undefined;
    if (!floor || !ledger.isForetellable(this.profile.name, key)) return;
    const where = `${this.process.name} shows ${key} as ${JSON.stringify(row)}, knowing of ${floor.id} #${floor.seq}`;
    if (op) {
      if ((op.seq ?? 0) < (floor.seq ?? 0)) throw new Violation('7 own writes', where);
      this.#learn(op);
    } else if (floor.kind === 'put' && !this.#removedSince(key, floor.seq ?? 0)) {
      throw new Violation('7 own writes', where);
    }
  }

  #removedSince(key: string, seq: number): boolean {
    const all = [...this.profile.disk.databases.values()].flatMap(({stores}) => [...recordsOf(stores)]);
    return all.some(([at, record]) => at > seq && record.type === 'delete' && `task/${record.entityId}` === key);
  }
}
