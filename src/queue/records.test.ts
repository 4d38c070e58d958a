import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {openTab, record, SERVER, upsert} from '../../test/helpers/outbox.js';
import {Disk} from '../../test/helpers/storage.js';
import type {StorageDatabase} from '../platform/storage.js';
import {readRecord} from './records.js';

describe('a stored record', () => {
  it('of this version is read as it was written', () => {
    for (const each of [record('a'), record('b', {stage: 'failed', error: {code: 'x', message: 'y'}})]) {
      expect(readRecord(1, each)).to.deep.equal(each);
    }
  });
  it('that lacks what came later is completed', () => {
    const old = {id: 'a', type: 'upsert', entityType: 'task', entityId: '7', payload: {title: 'x'}, stage: 'queued'};
    expect(readRecord(1, old)).to.deep.equal({
      ...old,
      key: 'task/7',
      priority: 0,
      createdAt: 0,
      attempts: 0,
      bytes: 0,
    });
    expect(readRecord(1, {id: 'a', type: 'ping', stage: 'sent'})).to.include({key: 'a', stage: 'sent'});
  });
  const unreadable: [what: string, stored: unknown][] = [
    ['a newer version’s', {...record('a'), format: 2}],
    ['of a stage that is not known', {...record('a'), stage: 'paused'}],
    ['without an id', {...record('a'), id: undefined}],
    ['without a type', {...record('a'), type: 5}],
    ['text', 'upsert'],
    ['null', null],
    ['a list', [1, 2]],
    ['of a type that is machinery', {...record('a'), entityType: '__proto__'}],
  ];
  for (const [what, stored] of unreadable) {
    it(`${what} is set aside, and shown as it is`, () => {
      const read = readRecord(7, stored);
      expect(read).to.deep.include({stage: 'failed', type: 'unreadable', payload: stored});
      expect(read.error?.code).to.equal('unreadable-operation');
      expect(read.id).to.match(/^(a|unreadable\/7)$/);
    });
  }
});

describe('an outbox with a record that can not be read', () => {
  const disk = new Disk();
  let database: StorageDatabase<'outbox'>;
  const newer = {...record('newer'), format: 2, shape: {of: 'another time'}};
  const stored = () => database.transaction(['outbox'], 'readonly', tx => tx.entries('outbox'));
  const open = () => openTab(database, new FakeClock());

  beforeEach(async () => {
    database = (await disk.openClient()) as unknown as StorageDatabase<'outbox'>;
    await database.transaction(['outbox'], 'readwrite', async tx => {
      await tx.append('outbox', record('a'));
      await tx.append('outbox', newer);
      await tx.append('outbox', record('b', {key: 'task/2', entityId: '2'}));
    });
  });
  afterEach(() => disk.clear());

  it('sends the others, shows it as failed, and leaves what is stored alone', async () => {
    const tab = await open();
    expect((await tab.queue.takeSendable(SERVER)).map(({id}) => id)).to.deep.equal(['a', 'b']);
    expect(tab.queue.operations('failed')).to.deep.include.members([
      {
        id: 'newer',
        type: 'unreadable',
        key: 'newer',
        priority: 0,
        payload: newer,
        stage: 'failed',
        createdAt: 0,
        attempts: 0,
        error: tab.queue.operations('failed')[0]?.error,
      },
    ]);
    await tab.queue.retry(null);
    await tab.queue.clear();
    expect((await stored())[1]).to.deep.equal([2, newer]);
    expect(tab.queue.facts()).to.include({failed: 1});
  });
  it('lets it be discarded, when somebody says so', async () => {
    const tab = await open();
    await tab.queue.discard('newer');
    expect((await stored()).map(([seq]) => seq)).to.deep.equal([1, 3]);
  });
  it('lets it be replaced by an operation', async () => {
    const tab = await open();
    await tab.queue.replace('newer', upsert('mended', '9'));
    expect([...(await open()).outbox.records.values()].map(({id, stage}) => `${id} ${stage}`)).to.deep.equal([
      'a queued',
      'b queued',
      'mended queued',
    ]);
  });
  it('has its word for whoever waits', async () => {
    const tab = await open();
    const {record: found} = tab.outbox.find('newer') ?? {};
    const {signal} = new AbortController();
    expect(await rejectionCode(tab.queue.settlements.wait('newer', found, 'applied', signal))).to.equal(
      'unreadable-operation',
    );
  });
});
