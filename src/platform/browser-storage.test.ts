/** What only a real browser does to an IndexedDB connection; the rest is in storage.test.ts. */
import {expect} from '@open-wc/testing';
import {rejectionCode} from '../../test/helpers/errors.js';
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
  it('steps aside for a newer version of the page', async () => {
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(place, 2);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
      request.onerror = () => reject(request.error);
    });
    expect(await rejectionCode(get(1))).to.equal('storage-closed');
  });
  it('to a database of a newer version is a coded failure, not a crash', async () => {
    scene.database.close();
    await new Promise<void>(resolve => {
      const request = indexedDB.open(place, 2);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    expect(await rejectionCode(disk.open(STORES, place))).to.equal('storage-failed');
  });
  it('tells of a full disk as quota-exceeded, and that room helps', async () => {
    const full = scene.database.transaction(['plain'], 'readwrite', () => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    const error = await full.catch(thrown => thrown);
    expect(error).to.include({code: 'quota-exceeded', action: 'free-space'});
  });
});
