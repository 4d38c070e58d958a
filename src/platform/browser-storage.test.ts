/** What only a real browser does to an IndexedDB connection; the rest is in storage.test.ts. */
import {expect, waitUntil} from '@open-wc/testing';
import {rejection, rejectionCode} from '../../test/helpers/errors.js';
import {Disk, freshName} from '../../test/helpers/storage.js';
import {indexedDbStorage} from './browser-storage.js';

const STORES = {plain: {}};

/** Opens one, and gives the connections that were made under it, the later ones too. */
async function spied(disk: Disk, place: string) {
  const made: IDBDatabase[] = [];
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args);
    request.addEventListener('success', () => made.push(request.result));
    return request;
  };
  const restore = () => {
    IDBFactory.prototype.open = open;
  };
  return {database: await disk.open(STORES, place), made, restore};
}

/** What the browser does when it takes a connection away: site data cleared, a failing disk. */
function takeAway(connection: IDBDatabase | undefined): void {
  connection?.close();
  connection?.dispatchEvent(new Event('close'));
}

/** As the next version of this package would. */
function openNewer(place: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(place, 2);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

describe('an IndexedDB connection', () => {
  let disk: Disk;
  let place: string;
  let scene: Awaited<ReturnType<typeof spied>>;
  beforeEach(async () => {
    disk = new Disk(indexedDbStorage);
    place = freshName('indexeddb');
    scene = await spied(disk, place);
  });
  afterEach(async () => {
    scene.restore();
    await disk.clear();
  });
  const put = (key: number) => scene.database.transaction(['plain'], 'readwrite', tx => tx.put('plain', key, key));
  const get = (key: number) => scene.database.transaction(['plain'], 'readonly', tx => tx.get('plain', key));

  it('that the browser closed is opened again', async () => {
    await put(1);
    takeAway(scene.made[0]);
    expect(await get(1)).to.equal(1);
    expect(scene.made.length).to.equal(2);
  });
  it('that the browser closed is opened again once, however many ask at the same time', async () => {
    takeAway(scene.made[0]);
    await Promise.all([put(1), put(2), get(1)]);
    expect(scene.made.length).to.equal(2);
  });
  it('that was closed here while it was being opened again stays closed', async () => {
    takeAway(scene.made[0]);
    const late = put(1);
    scene.database.close();
    expect(await rejectionCode(late)).to.equal('storage-closed');
    // Nothing holds it any more, or this would wait for ever.
    await indexedDbStorage.remove(place);
  });
  it('steps aside for somebody who deletes the database, also after it was opened again', async () => {
    takeAway(scene.made[0]);
    await Promise.all([put(1), put(2)]);
    await indexedDbStorage.remove(place);
    expect(await rejectionCode(get(1))).to.equal('storage-closed');
  });
  it('steps aside for a newer version, says so at once, and takes nothing more', async () => {
    const told: string[] = [];
    const mine = await indexedDbStorage.open(place, STORES, ({code}) => told.push(code));
    (await openNewer(place)).close();
    expect(told).to.deep.equal(['newer-version']);
    for (let times = 0; times < 2; times++) {
      const write = mine.transaction(['plain'], 'readwrite', tx => tx.put('plain', 1, 1));
      expect(await rejection(write)).to.include({code: 'newer-version', action: 'reload'});
    }
    mine.close();
    expect(await rejectionCode(mine.transaction(['plain'], 'readonly', () => {}))).to.equal('newer-version');
  });
  it('says so when somebody deletes the database under it, and not when it was closed here', async () => {
    const told: string[] = [];
    const mine = await indexedDbStorage.open(place, STORES, ({code}) => told.push(code));
    scene.database.close();
    const closed = await indexedDbStorage.open(place, STORES, ({code}) => told.push(`${code} though closed`));
    closed.close();
    await indexedDbStorage.remove(place);
    expect(told).to.deep.equal(['storage-closed']);
    expect(await rejectionCode(mine.transaction(['plain'], 'readonly', () => {}))).to.equal('storage-closed');
  });
  it('is not made anew, empty, where the site was cleared under it: that is told at once', async () => {
    const told: string[] = [];
    await indexedDbStorage.open(place, STORES, ({code}) => told.push(code));
    await put(1);
    // What clears a site gives no connection the time to step aside.
    for (const connection of scene.made) connection.onversionchange = null;
    for (const connection of scene.made) connection.close();
    await indexedDbStorage.remove(place);
    for (const connection of scene.made) connection.dispatchEvent(new Event('close'));
    expect(await rejectionCode(get(1))).to.equal('storage-evicted');
    await waitUntil(() => told.length > 0);
    expect(told).to.deep.equal(['storage-evicted']);
    // WebKit goes on listing one whose making was called off, with version 0: there is nothing in it.
    expect((await indexedDB.databases()).some(({name, version}) => name === place && version)).to.equal(false);
  });
  it('to a database of a newer version is refused with newer-version', async () => {
    scene.database.close();
    (await openNewer(place)).close();
    expect(await rejection(disk.open(STORES, place))).to.include({code: 'newer-version', action: 'reload'});
  });
  it('that the browser closed, and a newer version took over meanwhile, says so when it is opened again', async () => {
    const told: string[] = [];
    const mine = await indexedDbStorage.open(place, STORES, ({code}) => told.push(code));
    scene.database.close();
    scene.made[1]?.close();
    (await openNewer(place)).close();
    scene.made[1]?.dispatchEvent(new Event('close'));
    expect(told).to.deep.equal([]);
    const write = () => mine.transaction(['plain'], 'readwrite', tx => tx.put('plain', 1, 1));
    expect(await rejectionCode(write())).to.equal('newer-version');
    expect(told).to.deep.equal(['newer-version']);
    expect(await rejectionCode(write())).to.equal('newer-version');
    expect(told).to.deep.equal(['newer-version']);
  });
  it('tells of a value whose file is gone or cut off as corrupt-data', async () => {
    for (const name of ['NotReadableError', 'DataError']) {
      const read = scene.database.transaction(['plain'], 'readonly', () => {
        throw new DOMException('Failed to read large IndexedDB value', name);
      });
      expect(await rejectionCode(read)).to.equal('corrupt-data');
    }
  });
  it('tells of a full disk as quota-exceeded, and that room helps', async () => {
    const full = scene.database.transaction(['plain'], 'readwrite', () => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const error = await full.catch(thrown => thrown);
    expect(error).to.include({code: 'quota-exceeded', action: 'free-space'});
  });
});
