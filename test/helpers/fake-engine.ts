/** The engine's end of a manager's line, played by a test: it hears what the page says, and says what the test wants. */
import type {EngineLine, EngineLines} from '../../src/manager/engine-line.js';
import {type EngineMessage, type EngineRequest, type PageMessage, PORT_FORMAT} from '../../src/protocol/port.js';

export class FakeEngine {
  readonly line: EngineLine;
  /** It could not be loaded, or threw. */
  readonly fail: (cause: string) => void;
  readonly heard: PageMessage[] = [];
  isEnded = false;
  #listener: (message: unknown) => void = () => {};

  constructor(place: 'worker' | 'page', fail: (cause: string) => void) {
    this.fail = fail;
    const end = () => {
      this.isEnded = true;
    };
    this.line = {
      place,
      endpoint: {
        post: message => void this.heard.push(structuredClone(message) as PageMessage),
        listen: listener => {
          this.#listener = listener;
        },
        close: end,
      },
      end,
    };
  }

  /** Also when it was ended: a message may be on its way then. */
  say(message: EngineMessage | {kind: string}): void {
    this.#listener(message);
  }

  /** Stands and opens its storage. */
  run(): this {
    this.say({kind: 'ready', format: PORT_FORMAT});
    this.answer('init', undefined);
    return this;
  }

  /** What was asked of it, in order, pings apart. */
  get asked(): EngineRequest['do'][] {
    return this.#requests().map(({request}) => request.do);
  }

  asks<Do extends EngineRequest['do']>(name: Do): Extract<EngineRequest, {do: Do}>[] {
    return this.#requests()
      .map(({request}) => request)
      .filter((request): request is Extract<EngineRequest, {do: Do}> => request.do === name);
  }

  /** Answers the last request of that name. */
  answer(name: EngineRequest['do'], value: unknown): void {
    this.say({kind: 'answer', id: this.#idOf(name), value});
  }

  refuse(name: EngineRequest['do'], code: string): void {
    const error = {code, message: code, retryable: false, action: 'none'} as const;
    this.say({kind: 'refusal', id: this.#idOf(name), error});
  }

  answerPings(): void {
    for (const said of this.heard) {
      if (said.kind === 'request' && said.request.do === 'ping') this.say({kind: 'answer', id: said.id, value: 'pong'});
    }
  }

  #idOf(name: EngineRequest['do']): number {
    const found = this.#requests().findLast(({request}) => request.do === name);
    if (!found) throw new Error(`Nobody asked for '${name}', but for: ${this.asked.join(', ')}`);
    return found.id;
  }

  #requests() {
    return this.heard.filter(said => said.kind === 'request').filter(({request}) => request.do !== 'ping');
  }
}

/** Makes engines for a manager, and keeps them. */
export class FakeEngines {
  readonly made: FakeEngine[] = [];
  /** How the next ones fail to be made; undefined: not. */
  refusal: {worker?: Error; page?: Error} = {};
  /** Each waits for the promise that was here when it was asked for. */
  loading: Promise<unknown> = Promise.resolve();
  readonly lines: EngineLines = {
    worker: failed => this.#make('worker', failed),
    page: failed => this.#make('page', failed),
  };

  get last(): FakeEngine {
    const last = this.made.at(-1);
    if (!last) throw new Error('No engine was made');
    return last;
  }

  get places(): string[] {
    return this.made.map(({line}) => line.place);
  }

  async #make(place: 'worker' | 'page', failed: (cause: string) => void): Promise<EngineLine> {
    const refusal = this.refusal[place];
    if (refusal) throw refusal;
    const engine = new FakeEngine(place, failed);
    this.made.push(engine);
    await this.loading;
    return engine.line;
  }
}
