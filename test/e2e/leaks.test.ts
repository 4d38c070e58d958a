/** What two hundred services leave behind when they are closed: nothing. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {sharedBrowser} from './browser.js';
import {eventually, newProfile} from './harness.js';
import {Site, visit} from './site.js';

const ROUNDS = 200;

/** Runs in the page before all else: counts what is taken of the page, and what is given back. */
function count(): void {
  const open = {
    timers: new Set<unknown>(),
    listeners: new Set<unknown>(),
    channels: new Set<unknown>(),
    sockets: new Set<unknown>(),
    databases: new Set<unknown>(),
    workers: new Set<unknown>(),
    urls: new Set<unknown>(),
  };
  const {setTimeout, clearTimeout, setInterval, clearInterval} = globalThis;
  const timer =
    (set: typeof setTimeout, once: boolean) =>
    (run: () => void, ms?: number): number => {
      const handle = set(() => {
        if (once) open.timers.delete(handle);
        run();
      }, ms) as unknown as number;
      open.timers.add(handle);
      return handle;
    };
  const clear = (undo: typeof clearTimeout) => (handle?: number) => {
    open.timers.delete(handle);
    undo(handle);
  };
  Object.assign(globalThis, {
    setTimeout: timer(setTimeout, true),
    setInterval: timer(setInterval as typeof setTimeout, false),
    clearTimeout: clear(clearTimeout),
    clearInterval: clear(clearInterval),
  });

  for (const target of [window, document]) {
    const {addEventListener, removeEventListener} = target;
    const names = new Map<unknown, symbol>();
    target.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
      const entry = Symbol(type);
      names.set(listener, entry);
      open.listeners.add(entry);
      options?.signal?.addEventListener('abort', () => open.listeners.delete(entry));
      addEventListener.call(target, type, listener, options);
    };
    target.removeEventListener = (type: string, listener: EventListener) => {
      open.listeners.delete(names.get(listener));
      removeEventListener.call(target, type, listener);
    };
  }

  /** Until the named method is called, or, for a socket, its `close` has come. */
  const until = (
    name: 'BroadcastChannel' | 'WebSocket' | 'Worker',
    set: Set<unknown>,
    end: (made: EventTarget, gone: () => void) => void,
  ) => {
    const Native = globalThis[name] as new (...args: never[]) => EventTarget;
    Object.assign(globalThis, {
      [name]: class extends Native {
        constructor(...args: never[]) {
          super(...args);
          set.add(this);
          end(this, () => set.delete(this));
        }
      },
    });
  };
  const called = (method: 'close' | 'terminate') => (made: EventTarget, gone: () => void) => {
    const own = made as unknown as Record<string, () => void>;
    const native = own[method]?.bind(made);
    own[method] = () => {
      gone();
      native?.();
    };
  };
  until('BroadcastChannel', open.channels, called('close'));
  until('Worker', open.workers, called('terminate'));
  until('WebSocket', open.sockets, (made, gone) => made.addEventListener('close', gone));

  const {open: openDatabase} = IDBFactory.prototype;
  IDBFactory.prototype.open = function (...args) {
    const request = openDatabase.apply(this, args);
    request.addEventListener('success', () => open.databases.add(request.result));
    return request;
  };
  const {close} = IDBDatabase.prototype;
  IDBDatabase.prototype.close = function () {
    open.databases.delete(this);
    close.call(this);
  };
  const {createObjectURL, revokeObjectURL} = URL;
  URL.createObjectURL = object => {
    const url = createObjectURL.call(URL, object);
    open.urls.add(url);
    return url;
  };
  URL.revokeObjectURL = url => {
    open.urls.delete(url);
    revokeObjectURL.call(URL, url);
  };
  Object.assign(globalThis, {
    left: () => Object.fromEntries(Object.entries(open).map(([name, entries]) => [name, entries.size])),
  });
}

/** Rounds of all kinds: used, closed at once, closed while it begins, closed while it connects. */
const ROUND = `async (Service, options, n) => {
  const service = new Service(options);
  switch (n % 4) {
    case 0: {
      await service.connect();
      const stop = service.live('note').subscribe(() => {});
      await service.settled(await service.put('note', String(n), {id: String(n), body: 'round'}));
      if (n % 8) stop();
      break;
    }
    case 1:
      await service.initialize();
      break;
    case 2:
      service.initialize().catch(() => {});
      await new Promise(resolve => setTimeout(resolve, n % 50));
      break;
    case 3:
      service.connect().catch(() => {});
      service.flush().catch(() => {});
      await new Promise(resolve => setTimeout(resolve, n % 100));
      break;
  }
  await service.cleanup();
}`;

for (const mode of ['worker', 'page'] as const) {
  test(`${ROUNDS} services in the ${mode} that are begun and closed leave nothing behind`, async t => {
    const site = await Site.start(t);
    const profile = await newProfile(await sharedBrowser(t));
    await profile.addInitScript(count);
    const page = await visit(profile, site, {mode, connect: false});
    const left = () => page.evaluate('left()') as Promise<Record<string, number>>;
    // That the counting sees anything at all: one service, while it runs.
    await page.evaluate('service.connect()');
    const running = await left();
    assert.ok((running['timers'] ?? 0) > 0 && (running['listeners'] ?? 0) > 0, JSON.stringify(running));
    const engine = mode === 'worker' ? ['workers'] : ['channels', 'sockets', 'databases'];
    for (const name of engine) assert.ok((running[name] ?? 0) > 0, `${name} while it runs`);
    await page.evaluate('service.cleanup()');

    await page.evaluate(`import('/sync-elements.js').then(async ({WorkerSyncService}) => {
      const round = ${ROUND};
      const options = {url: '/', mode: '${mode}', logger: 'silent'};
      for (let n = 0; n < ${ROUNDS}; n++) await round(WorkerSyncService, options, n);
    })`);

    await eventually('all sockets are closed', async () => site.sockets === 0);
    await eventually('all of the page’s own are closed', async () => (await left())['sockets'] === 0);
    assert.deepEqual(
      await left(),
      {timers: 0, listeners: 0, channels: 0, sockets: 0, databases: 0, workers: 0, urls: 0},
      'as the page sees it',
    );
    await eventually('no worker is left', async () => page.workers().length === 0);
    await eventually('no lock is held or waited for', () =>
      page.evaluate(async () => {
        const {held = [], pending = []} = await navigator.locks.query();
        return held.length + pending.length === 0;
      }),
    );
    // A connection that nobody knows of would hold up the deletion.
    const blocked = await page.evaluate(async () => {
      const held: string[] = [];
      for (const {name = ''} of await indexedDB.databases()) {
        await new Promise<void>((resolve, reject) => {
          const request = indexedDB.deleteDatabase(name);
          request.onblocked = () => held.push(name);
          request.onsuccess = () => resolve();
          request.onerror = () => reject(request.error);
        });
      }
      return held;
    });
    assert.deepEqual(blocked, []);
    assert.equal(site.server.stats().overlaps, 0);
  });
}
