import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {Disk} from '../../test/helpers/storage.js';
import {Journal} from '../database/journal.js';
import type {SyncMessageHandler} from '../handler/sync-message-handler.js';
import {greeting} from './greeting.js';
import {wipe} from './instances.js';
import type {SessionContext} from './worker.js';

describe('a greeting', () => {
  const disk = new Disk();
  afterEach(() => disk.clear());

  /** A leader that asks for one, and whether it has stood down. */
  const leader = async () => {
    const database = await disk.openClient();
    const journal = new Journal(database);
    const {epoch} = await journal.promote();
    const handler = {quiesce: async () => {}, greeting: () => ({stream: 1})} as unknown as SyncMessageHandler;
    let resigned = 0;
    const context = {
      config: {limits: {windowBytes: 1000}},
      wants: async () => ['task'],
      instance: {id: 'i', clientId: 'c', subject: null},
      queue: {settledFloor: 7},
      resign: () => void resigned++,
      greets: () => {},
    } as unknown as SessionContext;
    const greet = () => greeting(context, journal, handler, {epoch, alias: undefined});
    return {database, greet, resigned: () => resigned};
  };

  it('says who leads, and up to where its operations are settled', async () => {
    const {greet, resigned} = await leader();
    expect(await greet()).to.include({instance: 'i', clientId: 'c', epoch: 1, stream: 1, settled: 7, window: 1000});
    expect(resigned()).to.equal(0);
  });
  it('is not made by a leader whose place another one has taken: it stands down', async () => {
    const {database, greet, resigned} = await leader();
    await new Journal(database).promote();
    expect(await rejectionCode(greet())).to.equal('storage-conflict');
    expect(resigned()).to.equal(1);
  });
  it('is not made where a tab has wiped all and died before it could say so', async () => {
    const {database, greet, resigned} = await leader();
    await wipe(database);
    expect(await rejectionCode(greet())).to.equal('storage-conflict');
    expect(resigned()).to.equal(1);
  });
});
