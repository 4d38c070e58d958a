import {expect} from '@open-wc/testing';
import {freshName, STORAGES} from '../../test/helpers/storage.js';
import type {StoragePort} from '../platform/storage.js';
import {Directory} from './directory.js';

for (const [name, make] of STORAGES) {
  describe(`the directory, in ${name}`, () => {
    let storage: StoragePort;
    let url: string;
    let count: number;
    const opened: Directory[] = [];
    // All directories are in one database: a test's own is a shelf of its own, by a URL that nobody else has.
    const open = async (database = 'sync', at = url) => {
      const directory = await Directory.open(storage, at, database, () => `${url}#${++count}`);
      opened.push(directory);
      return directory;
    };
    beforeEach(() => {
      storage = make();
      url = `wss://${freshName('directory')}`;
      count = 0;
    });
    afterEach(() => {
      for (const directory of opened.splice(0)) directory.close();
    });

    it('starts with an unclaimed instance, and with the same one the next time', async () => {
      const first = await (await open()).resolve(undefined, undefined);
      expect(first.subject).to.equal(null);
      expect(first.clientId).to.equal(first.id);
      expect(await (await open()).resolve(undefined, undefined)).to.deep.equal(first);
    });
    it('keeps the label that it was made with', async () => {
      const directory = await open();
      expect((await directory.resolve(undefined, 'till 3')).clientId).to.equal('till 3');
      expect((await directory.resolve(undefined, 'till 4')).clientId).to.equal('till 3');
    });
    it('gives the unclaimed one to the first verified subject', async () => {
      const directory = await open();
      const first = await directory.resolve(undefined, undefined);
      const claim = await directory.claim(first.id, 'ana');
      expect(claim).to.deep.equal({kind: 'mine', instance: {...first, subject: 'ana'}});
      expect(await directory.claim(first.id, 'ana')).to.deep.equal(claim);
      expect(await directory.resolve('ana', undefined)).to.deep.equal({...first, subject: 'ana'});
    });
    it('never gives it to a second one: that one gets a database of their own', async () => {
      const directory = await open();
      const first = await directory.resolve(undefined, 'till 3');
      await directory.claim(first.id, 'ana');
      const claim = await directory.claim(first.id, 'bob');
      expect(claim.kind).to.equal('other');
      expect(claim.instance).to.include({subject: 'bob', clientId: 'till 3'});
      expect(claim.instance.id).to.not.equal(first.id);
      expect(await directory.resolve('ana', undefined)).to.include({id: first.id});
    });
    it('sends an unclaimed one whose subject has another to that other', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      await directory.claim(ana.id, 'ana');
      await directory.release(ana.id);
      const unclaimed = await directory.resolve(undefined, undefined);
      expect(unclaimed.subject).to.equal(null);
      const claim = await directory.claim(unclaimed.id, 'ana');
      expect(claim).to.deep.equal({kind: 'other', instance: ana, from: unclaimed});
    });
    it('starts with the last verified subject, so that a start offline opens the right one', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      const bob = await directory.resolve('bob', undefined);
      await directory.claim(ana.id, 'ana');
      await directory.claim(bob.id, 'bob');
      expect((await (await open()).resolve(undefined, undefined)).id).to.equal(bob.id);
      await directory.claim(ana.id, 'ana');
      expect((await (await open()).resolve(undefined, undefined)).id).to.equal(ana.id);
    });
    it('takes the named user before the last one', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      await directory.claim(ana.id, 'ana');
      expect(await directory.resolve('bob', undefined)).to.include({subject: 'bob'});
    });
    it('forgets an instance, and opens a fresh one after that', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      await directory.claim(ana.id, 'ana');
      await directory.forget(ana.id);
      expect(await directory.resolve(undefined, undefined)).to.include({subject: null});
      expect((await directory.resolve('ana', undefined)).id).to.not.equal(ana.id);
    });
    it('released keeps it for its subject, who is nobody’s last any more', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      await directory.claim(ana.id, 'ana');
      await directory.release(ana.id);
      expect(await directory.resolve(undefined, undefined)).to.include({subject: null});
      expect((await directory.resolve('ana', undefined)).id).to.equal(ana.id);
    });
    it('leaves the last subject when another instance is forgotten or released', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      const bob = await directory.resolve('bob', undefined);
      await directory.claim(bob.id, 'bob');
      await directory.forget(ana.id);
      await directory.release(ana.id);
      expect((await directory.resolve(undefined, undefined)).id).to.equal(bob.id);
    });
    it('does not give a forgotten instance back to the tab that still has it open', async () => {
      const directory = await open();
      const ana = await directory.resolve('ana', undefined);
      await directory.claim(ana.id, 'ana');
      await directory.forget(ana.id);
      const claim = await directory.claim(ana.id, 'ana');
      expect(claim.kind).to.equal('other');
      expect(claim.instance.id).to.not.equal(ana.id);
      expect((await directory.resolve('ana', undefined)).id).to.equal(claim.instance.id);
    });
    it('keeps databases and servers apart', async () => {
      const one = await (await open('sync')).resolve('ana', undefined);
      const other = await (await open('other')).resolve('ana', undefined);
      const elsewhere = await (await open('sync', `${url}/elsewhere`)).resolve('ana', undefined);
      expect(new Set([one.id, other.id, elsewhere.id]).size).to.equal(3);
    });
    it('knows subjects by any name', async () => {
      const directory = await open();
      const ids = new Set<string>();
      for (const subject of ['__proto__', 'constructor', 'null', '', 'ana', 'Ana']) {
        const {id} = await directory.resolve(subject, undefined);
        ids.add(id);
        expect((await directory.resolve(subject, undefined)).id).to.equal(id);
      }
      expect(ids.size).to.equal(6);
    });
    it('in two tabs at once makes one instance, not two', async () => {
      const [a, b] = await Promise.all([open(), open()]);
      const resolved = await Promise.all([a, b, a, b].map(directory => directory.resolve(undefined, undefined)));
      expect(new Set(resolved.map(({id}) => id)).size).to.equal(1);
    });
    it('in two tabs at once gives the unclaimed one to one of two subjects', async () => {
      const [a, b] = await Promise.all([open(), open()]);
      const {id} = await a.resolve(undefined, undefined);
      const [ana, bob] = await Promise.all([a.claim(id, 'ana'), b.claim(id, 'bob')]);
      expect([ana.kind, bob.kind].sort()).to.deep.equal(['mine', 'other']);
      expect(ana.instance.id).to.not.equal(bob.instance.id);
    });
  });
}
