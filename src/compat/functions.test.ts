import {expect} from '@open-wc/testing';
import * as compat from './compat.js';

/** What is no old name: it is there for the way, and goes with it. */
const FOR_THE_WAY = ['configureSync', 'planDialect', /^migrate/];

describe('the old names', () => {
  it('are told, each of them and each member that is used, once: with no note in the log none is left', async () => {
    const notes: string[] = [];
    const logger = {error: () => {}, warn: (note: string) => void notes.push(note), info: () => {}, debug: () => {}};
    compat.configureSync({url: 'ws://127.0.0.1:9/', database: `test ${crypto.randomUUID()}`, mode: 'page', logger});
    const told = (name: string) => notes.filter(note => note.startsWith(`${name} is an old name; use `)).length;
    const names = Object.keys(compat).filter(name => !FOR_THE_WAY.some(way => name.match(way)) && name !== 'default');
    const ended: (() => unknown)[] = [];
    const use: Record<string, () => unknown> = {
      initializeSync: () => compat.initializeSync(),
      // Nobody answers there: what matters is that it is called.
      connectToSyncServer: () => void compat.connectToSyncServer().catch(() => {}),
      disconnectFromSyncServer: () => compat.disconnectFromSyncServer(),
      getSyncStatus: () => compat.getSyncStatus(),
      cleanupBackgroundSync: () => compat.cleanupBackgroundSync(),
      sendSyncMessage: () => compat.sendSyncMessage(),
      OperationQueue: () => new compat.OperationQueue(),
      SyncClientCompat: () => new compat.SyncClientCompat(),
      SyncMessageHandler: () => new compat.SyncMessageHandler(),
      SyncWorkerManager: () => new compat.SyncWorkerManager(),
      GlobalConnectionTracker: () => {
        const tracker = new compat.GlobalConnectionTracker({name: crypto.randomUUID()});
        ended.push(() => tracker.cleanup());
      },
    };
    for (const name of names) {
      const value: unknown = (compat as Record<string, unknown>)[name];
      if (typeof value === 'function') {
        expect(use, 'how it is used').to.have.property(name);
        for (let twice = 0; twice < 2; twice++) await use[name]?.();
        expect(told(name), name).to.equal(1);
      } else {
        // A singleton, by each of its members. Looking at one calls nothing.
        const members = Object.getOwnPropertyNames(Object.getPrototypeOf(value)).filter(key => key !== 'constructor');
        expect(members, name).to.not.be.empty;
        for (const member of [...members, ...members]) void Reflect.get(value as object, member);
        for (const member of members) expect(told(`${name}.${member}`), `${name}.${member}`).to.equal(1);
      }
    }
    compat.syncClientLegacy.onStateChange = null;
    expect(names, 'all that there are').to.include.members(['workerSyncService', 'syncClient', 'syncClientLegacy']);
    expect(compat.default, 'the default export is told by this name').to.equal(compat.syncClient);
    compat.globalConnectionTracker.cleanup();
    for (const end of ended) end();
    await compat.cleanupBackgroundSync();
  });
});
