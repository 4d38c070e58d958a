import {expect} from '@open-wc/testing';
import {rejection, rejectionCode} from '../../test/helpers/errors.js';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {FakeEngines} from '../../test/helpers/fake-engine.js';
import {PORT_FORMAT, type SyncState} from '../protocol/protocol.js';
import {SyncWorkerManager} from './sync-worker-manager.js';

const CONFIG = {
  url: 'ws://localhost/api/sync',
  database: 'test',
  limits: {
    queueCount: 1,
    queueBytes: 1,
    operationBytes: 1,
    frameChars: 1,
    windowBytes: 1,
    rowCacheBytes: 1,
    journalSlack: 1,
  },
  hasToken: false,
  log: 'silent',
} as const;

describe('the manager', () => {
  let clock: FakeClock;
  let engines: FakeEngines;
  let manager: SyncWorkerManager;
  /** What it told: troubles by code, log lines by level. */
  let told: string[];
  let states: SyncState[];
  let token: () => unknown;

  const make = (mode: 'auto' | 'worker' | 'page' = 'auto') => {
    clock = new FakeClock();
    engines = new FakeEngines();
    told = [];
    states = [];
    token = () => 'a token';
    manager = new SyncWorkerManager(
      {config: CONFIG, mode, lines: engines.lines, clock},
      {
        state: state => states.push(state),
        event: event => told.push(`event ${event.name}`),
        trouble: error => told.push(error.code),
        token: async () => token() as string,
        log: (level, message) => told.push(`${level}: ${message}`),
      },
    );
  };
  /** Starts, and lets the first engine run. */
  const started = async () => {
    const start = manager.start();
    await settle();
    engines.last.run();
    await start;
    return engines.last;
  };
  const codes = () => told.filter(line => !line.includes(': '));
  const logged = (level: string) => told.filter(line => line.startsWith(`${level}: `));

  beforeEach(() => make());
  afterEach(async () => {
    const closing = manager.terminate();
    await clock.advance(5000);
    await closing;
    expect(clock.pending).to.equal(0);
    expect(engines.made.every(({isEnded}) => isEnded)).to.equal(true);
  });

  describe('beginning', () => {
    it('does nothing before something is asked of it', async () => {
      await settle();
      expect(engines.made).to.deep.equal([]);
    });
    it('tells an engine that stands what to open, and is ready when it has', async () => {
      const start = manager.start();
      await settle();
      expect(engines.last.asked).to.deep.equal([]);
      engines.last.say({kind: 'ready', format: PORT_FORMAT});
      const [init] = engines.last.asks('init');
      expect(init?.format).to.equal(PORT_FORMAT);
      expect(init?.config).to.deep.equal({...CONFIG, mode: 'worker'});
      engines.last.answer('init', undefined);
      await start;
    });
    it('asks what came in the meantime only then', async () => {
      const answer = manager.request({do: 'diagnostics'});
      await settle();
      engines.last.say({kind: 'ready', format: PORT_FORMAT});
      expect(engines.last.asked).to.deep.equal(['init']);
      engines.last.answer('init', undefined);
      expect(engines.last.asked).to.deep.equal(['init', 'diagnostics']);
      engines.last.answer('diagnostics', {fine: true});
      expect(await answer).to.deep.equal({fine: true});
    });
    it('refuses a worker file of another version, ends it, and begins anew when asked again', async () => {
      const start = manager.start();
      await settle();
      engines.last.say({kind: 'ready', format: PORT_FORMAT + 1});
      const error = await rejection(start);
      expect(error).to.include({code: 'version-mismatch', action: 'reload'});
      expect(engines.last.isEnded).to.equal(true);
      expect(codes()).to.deep.equal(['version-mismatch']);
      await started();
      expect(engines.places).to.deep.equal(['worker', 'worker']);
    });
    it('hands on why storage did not open, ends the engine, and begins anew when asked again', async () => {
      const start = manager.start();
      const waits = manager.request({do: 'flush'});
      await settle();
      engines.last.say({kind: 'ready', format: PORT_FORMAT});
      engines.last.refuse('init', 'storage-failed');
      expect(await rejectionCode(start)).to.equal('storage-failed');
      expect(await rejectionCode(waits)).to.equal('storage-failed');
      expect(engines.last.isEnded).to.equal(true);
      await started();
    });
    it('tells of storage that does not open, goes on waiting, and is ready when it does', async () => {
      const start = manager.start();
      await settle();
      const engine = engines.last;
      engine.say({kind: 'ready', format: PORT_FORMAT});
      for (let waited = 0; waited < 60_000; waited += 5000) {
        await clock.advance(5000);
        engine.answerPings();
      }
      expect(codes()).to.deep.equal(['storage-blocked']);
      expect(engine.isEnded).to.equal(false);
      engine.answer('init', undefined);
      await start;
      expect(engines.made.length).to.equal(1);
    });
    it('watches the page once, also when it began twice', async () => {
      engines.refusal = {worker: new Error('no'), page: new Error('no')};
      expect(await rejectionCode(manager.start())).to.equal('worker-failed');
      engines.refusal = {};
      const engine = await started();
      document.dispatchEvent(new Event('visibilitychange'));
      expect(engine.heard.filter(({kind}) => kind === 'visible').length).to.equal(1);
    });
  });

  describe('where no worker can run', () => {
    const cases: [string, () => Promise<void>][] = [
      [
        'it is refused',
        async () => {
          engines.refusal = {worker: new DOMException('no', 'SecurityError')};
          void manager.start();
          await settle();
        },
      ],
      [
        'its file is missing',
        async () => {
          void manager.start();
          await settle();
          engines.last.fail('its file could not be loaded');
        },
      ],
      [
        'it says nothing',
        async () => {
          void manager.start();
          await settle();
          await clock.advance(10_000);
        },
      ],
      [
        'it dies while it opens its storage',
        async () => {
          void manager.start();
          await settle();
          engines.last.say({kind: 'ready', format: PORT_FORMAT});
          engines.last.fail('it threw');
        },
      ],
    ];
    for (const [what, happens] of cases) {
      it(`because ${what}: the page does its work, and one message says why`, async () => {
        await happens();
        engines.refusal = {};
        await settle();
        expect(engines.last.line.place).to.equal('page');
        expect(engines.made.slice(0, -1).every(({isEnded}) => isEnded)).to.equal(true);
        engines.last.run();
        await manager.start();
        expect(engines.last.asks('init')[0]?.config.mode).to.equal('page');
        expect(logged('error').length).to.equal(1);
        expect(told.length).to.equal(1);
      });
    }
    it('is a coded error where a worker is insisted on', async () => {
      make('worker');
      engines.refusal = {worker: new Error('no')};
      const error = await rejection(manager.start());
      expect(error).to.include({code: 'worker-failed', action: 'reload'});
      expect(engines.places).to.deep.equal([]);
      expect(told).to.deep.equal(['worker-failed']);
    });
    it('nor the page: a coded error for all that waits, watched queries too', async () => {
      engines.refusal = {worker: new Error('no'), page: new Error('not either')};
      const errors: string[] = [];
      manager.watch('task', {}, {value: () => {}, error: error => errors.push(error.code)});
      expect(await rejectionCode(manager.request({do: 'flush'}))).to.equal('worker-failed');
      expect(errors).to.deep.equal(['worker-failed']);
    });
    it('is never tried where the page is wished', async () => {
      make('page');
      await started();
      expect(engines.places).to.deep.equal(['page']);
      expect(told).to.deep.equal([]);
    });
    it('but later it can: whoever begins anew begins with a worker', async () => {
      engines.refusal = {worker: new Error('offline'), page: new Error('offline')};
      expect(await rejectionCode(manager.start())).to.equal('worker-failed');
      engines.refusal = {};
      await started();
      expect(engines.places).to.deep.equal(['worker']);
    });
  });

  describe('with an engine that died', () => {
    const deaths: [string, () => Promise<void>][] = [
      ['threw', async () => engines.last.fail('it threw')],
      ['fell silent', async () => clock.advance(30_000)],
    ];
    for (const [what, dies] of deaths) {
      it(`because it ${what}: ends it, and has another do what was asked of it, under the same ids`, async () => {
        const first = await started();
        const operation = {id: 'op-1', type: 'upsert'};
        const enqueued = manager.request({do: 'enqueue', operation});
        await dies();
        await settle();
        expect(first.isEnded).to.equal(true);
        expect(engines.places).to.deep.equal(['worker', 'worker']);
        engines.last.run();
        expect(engines.last.asks('enqueue')[0]?.operation).to.deep.equal(operation);
        engines.last.answer('enqueue', 'op-1');
        expect(await enqueued).to.equal('op-1');
        expect(logged('warn').length).to.equal(1);
      });
    }
    it('does not have a decision made twice that it may have made', async () => {
      await started();
      const answer = manager.request({do: 'discard', operation: 'op-1'});
      engines.last.fail('it threw');
      expect(await rejectionCode(answer)).to.equal('interrupted');
      await settle();
      engines.last.run();
      expect(engines.last.asked).to.deep.equal(['init']);
    });
    it('does not hear what it still says', async () => {
      const first = await started();
      const answer = manager.request({do: 'diagnostics'});
      first.fail('it threw');
      await settle();
      first.answer('diagnostics', 'from the grave');
      first.say({kind: 'over', error: {code: 'newer-version', message: '', retryable: false, action: 'reload'}});
      engines.last.run();
      engines.last.answer('diagnostics', 'alive');
      expect(await answer).to.equal('alive');
      expect(codes()).to.deep.equal([]);
    });
    it('tells the next one whether the line was wanted, as a hint and not as a wish of its own', async () => {
      for (const wanted of [true, false]) {
        make();
        const first = await started();
        expect(first.asks('init')[0]?.config.line).to.equal(undefined);
        first.say({kind: 'line', wanted});
        first.fail('it threw');
        await settle();
        engines.last.run();
        expect(engines.last.asks('init')[0]?.config.line).to.equal(wanted);
        expect(engines.last.asked).to.deep.equal(['init']);
      }
    });
    it('has what is watched watched by the next one', async () => {
      const values: unknown[] = [];
      await started();
      const stop = manager.watch('task', {limit: 1}, {value: value => values.push(value), error: () => {}});
      engines.last.fail('it threw');
      await settle();
      engines.last.run();
      const watch = engines.last.heard.find(said => said.kind === 'watch');
      expect(watch).to.include({kind: 'watch', type: 'task'});
      engines.last.say({kind: 'live', live: watch?.live ?? -1, value: [{items: [{id: 'a'}]}]});
      expect(values).to.deep.equal([[{items: [{id: 'a'}]}]]);
      stop();
      expect(engines.last.heard.at(-1)?.kind).to.equal('unwatch');
    });
    it('tells the next one, too, whether anybody listens to changes', async () => {
      const last = () => engines.last.heard.filter(said => said.kind === 'quiet').at(-1)?.quiet;
      manager.quiet(true);
      await started();
      expect(last()).to.equal(true);
      manager.quiet(false);
      expect(last()).to.equal(false);
      manager.quiet(true);
      engines.last.fail('it threw');
      await settle();
      engines.last.run();
      expect(last()).to.equal(true);
    });
    it('again and again goes to the page', async () => {
      await started();
      for (let deaths = 0; deaths < 4; deaths++) {
        engines.last.run();
        engines.last.fail('it threw');
        await settle();
      }
      expect(engines.places).to.deep.equal(['worker', 'worker', 'worker', 'worker', 'page']);
      engines.last.run();
    });
    it('is no other one while it answers, however long nothing else happens', async () => {
      const engine = await started();
      for (let minutes = 0; minutes < 10; minutes++) {
        await clock.advance(15_000);
        engine.answerPings();
      }
      expect(engines.made.length).to.equal(1);
    });
    it('an answer to a question of its own for a token does not reach the next one', async () => {
      let give: (token: string) => void = () => {};
      clock = new FakeClock();
      engines = new FakeEngines();
      manager = new SyncWorkerManager(
        {config: CONFIG, mode: 'auto', lines: engines.lines, clock},
        {
          state: () => {},
          event: () => {},
          trouble: () => {},
          token: () =>
            new Promise(resolve => {
              give = resolve;
            }),
          log: () => {},
        },
      );
      const first = await started();
      first.say({kind: 'token', ask: 1});
      first.fail('it threw');
      await settle();
      engines.last.run();
      give('of long ago');
      await settle();
      expect(engines.last.heard.filter(({kind}) => kind === 'token')).to.deep.equal([]);
    });
  });

  describe('asked for a token', () => {
    const answer = async (ask: number) => {
      engines.last.say({kind: 'token', ask});
      await settle();
      return engines.last.heard.find(message => message.kind === 'token' && message.ask === ask);
    };
    it('hands on what the page gives, or that it has none', async () => {
      await started();
      expect(await answer(1)).to.deep.equal({kind: 'token', ask: 1, token: 'a token'});
      token = () => null;
      expect(await answer(2)).to.deep.equal({kind: 'token', ask: 2});
      expect(told).to.deep.equal([]);
    });
    it('has none, and says so, where the page throws or gives what no server can read', async () => {
      await started();
      for (const [ask, bad] of [() => 5, () => ({token: 'a'}), () => Promise.reject(new Error('no'))].entries()) {
        token = bad;
        expect(await answer(ask + 1)).to.deep.equal({kind: 'token', ask: ask + 1});
        expect(logged('warn').length).to.equal(ask + 1);
      }
      expect(told.join()).not.to.include('token: a');
    });
  });

  describe('with an engine that is over', () => {
    const over = {
      kind: 'over',
      error: {code: 'newer-version', message: 'm', retryable: false, action: 'reload'},
    } as const;
    it('ends it, rejects what waits, and says so to each who asks later', async () => {
      const engine = await started();
      const errors: string[] = [];
      manager.watch('task', {}, {value: () => {}, error: error => errors.push(error.code)});
      const waits = manager.request({do: 'flush'});
      engine.say(over);
      expect(await rejectionCode(waits)).to.equal('newer-version');
      expect(engine.isEnded).to.equal(true);
      expect(errors).to.deep.equal(['newer-version']);
      expect(codes()).to.deep.equal(['newer-version']);
      const later = manager.request({do: 'flush'});
      await settle();
      engines.last.say({kind: 'ready', format: PORT_FORMAT});
      engines.last.refuse('init', 'newer-version');
      expect(await rejectionCode(later)).to.equal('newer-version');
    });
  });

  describe('of a page that comes and goes', () => {
    const hide = () => dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}));
    const show = (persisted: boolean) => dispatchEvent(new PageTransitionEvent('pageshow', {persisted}));

    it('ends the engine when the page goes, and has another when it is back, with all that was open', async () => {
      const first = await started();
      const waits = manager.request({do: 'flush'});
      manager.watch('task', {}, {value: () => {}, error: () => {}});
      hide();
      expect(first.isEnded).to.equal(true);
      const late = manager.request({do: 'diagnostics'});
      await clock.advance(60_000);
      expect(engines.made.length).to.equal(1);
      show(true);
      await settle();
      engines.last.run();
      expect(engines.last.asked).to.deep.equal(['init', 'flush', 'diagnostics']);
      expect(engines.last.heard.map(({kind}) => kind)).to.include('watch');
      engines.last.answer('flush', undefined);
      engines.last.answer('diagnostics', 'd');
      await waits;
      expect(await late).to.equal('d');
      expect(told).to.deep.equal([]);
    });
    it('has one engine where the page comes back while one is being made', async () => {
      let load = () => {};
      engines.loading = new Promise<void>(resolve => {
        load = resolve;
      });
      const start = manager.start();
      await settle();
      hide();
      show(true);
      await settle();
      load();
      await settle();
      expect(engines.made.map(({isEnded}) => isEnded)).to.deep.equal([true, false]);
      engines.last.run();
      await start;
    });
    it('does not take the first showing for a return', async () => {
      await started();
      show(false);
      await settle();
      expect(engines.made.length).to.equal(1);
    });
    it('does the same with a page that is frozen and thawed', async () => {
      const engine = await started();
      document.dispatchEvent(new Event('freeze'));
      expect(engine.isEnded).to.equal(true);
      document.dispatchEvent(new Event('resume'));
      await settle();
      engines.last.run();
      expect(engines.made.length).to.equal(2);
    });
    it('has one engine for a page that comes back and is told so twice', async () => {
      await started();
      hide();
      document.dispatchEvent(new Event('freeze'));
      document.dispatchEvent(new Event('resume'));
      show(true);
      await settle();
      expect(engines.made.map(({isEnded}) => isEnded)).to.deep.equal([true, false]);
      engines.last.run();
    });
  });

  describe('ending', () => {
    it('has the engine close everything first, and rejects what waits', async () => {
      const engine = await started();
      const waits = rejectionCode(manager.request({do: 'flush'}));
      const ending = manager.terminate();
      expect(engine.asked.at(-1)).to.equal('cleanup');
      expect(engine.isEnded).to.equal(false);
      engine.answer('cleanup', undefined);
      await ending;
      expect(engine.isEnded).to.equal(true);
      expect(await waits).to.equal('closed');
      expect(await rejectionCode(manager.request({do: 'flush'}))).to.equal('closed');
      expect(await rejectionCode(manager.start())).to.equal('closed');
    });
    it('waits no longer than 5 s for it', async () => {
      const engine = await started();
      const ending = manager.terminate();
      await clock.advance(4999);
      expect(engine.isEnded).to.equal(false);
      await clock.advance(1);
      await ending;
      expect(engine.isEnded).to.equal(true);
    });
    it('asked for twice closes once, and both wait for it', async () => {
      const engine = await started();
      const both = Promise.all([manager.terminate(), manager.terminate()]);
      engine.answer('cleanup', undefined);
      await both;
      expect(engine.asks('cleanup').length).to.equal(1);
    });
    it('while an engine is replaced rejects what was asked, and makes no other', async () => {
      await started();
      const before = rejectionCode(manager.request({do: 'flush'}));
      engines.last.fail('it threw');
      const meanwhile = rejectionCode(manager.request({do: 'diagnostics'}));
      await manager.terminate();
      await settle();
      expect(await before).to.equal('closed');
      expect(await meanwhile).to.equal('closed');
      expect(engines.made.every(({isEnded}) => isEnded)).to.equal(true);
    });
    it('with an engine that dies of it makes no other', async () => {
      const engine = await started();
      const ending = manager.terminate();
      engine.fail('it threw');
      await ending;
      await settle();
      expect(engines.made.length).to.equal(1);
    });
    it('while the page goes away makes no engine when it is back', async () => {
      await started();
      const ending = manager.terminate();
      dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}));
      await ending;
      dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}));
      await settle();
      expect(engines.made.length).to.equal(1);
    });
    it('waits no longer than 5 s for an engine in the page that can not end', async () => {
      make('page');
      engines.loading = new Promise(() => {});
      const start = manager.start();
      await settle();
      let closed = false;
      const ending = manager.terminate().then(() => {
        closed = true;
      });
      expect(await rejectionCode(start)).to.equal('closed');
      await clock.advance(4999);
      expect(closed).to.equal(false);
      await clock.advance(1);
      await ending;
      engines.made.length = 0;
    });
    it('while the page rung is being loaded waits until what comes is ended', async () => {
      make('page');
      let load = () => {};
      engines.loading = new Promise<void>(resolve => {
        load = resolve;
      });
      const start = manager.start();
      await settle();
      const order: string[] = [];
      const ending = manager.terminate().then(() => order.push(`closed, ended: ${engines.last.isEnded}`));
      expect(await rejectionCode(start)).to.equal('closed');
      await settle();
      expect(order).to.deep.equal([]);
      load();
      await ending;
      expect(order).to.deep.equal(['closed, ended: true']);
    });
  });
});
