import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import type {Replica} from '../database/replica.js';
import {SyncError} from '../protocol/protocol.js';
import type {Outbox} from '../queue/outbox.js';
import {NO_CONNECTION} from '../state/state.js';
import {Mirror} from './mirror.js';

describe('what a tab holds of storage in memory', () => {
  let clock: FakeClock;
  let log: string[];
  let broken: boolean;
  let mirror: Mirror;
  let outbox: Partial<Record<keyof Outbox, unknown>>;
  let work: Outbox['work'];
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    broken = false;
    const read = (what: string) => async () => {
      log.push(what);
      if (broken) throw new SyncError('quota-exceeded', 'full');
    };
    work = {pending: 0, ended: 0};
    outbox = {work, load: read('outbox'), look: read('a part of the outbox'), isBuried: false};
    const replica = {refresh: read('rows'), outdated: () => log.push('outdated')} as unknown as Replica;
    mirror = new Mirror(outbox as unknown as Outbox, replica, clock, {
      changed: () => log.push('changed'),
      touched: () => log.push('touched'),
      moved: () => log.push('moved'),
      failed: error => {
        log.push(`failed ${error.code}`);
        mirror.trouble = error;
      },
      blocked: ({code}) => log.push(`told ${code}`),
    });
  });

  describe('whose outbox hangs', () => {
    const seconds = async (count: number) => {
      for (let second = 0; second < count; second++) {
        await clock.advance(1000);
        mirror.tick();
      }
    };
    const error = () => mirror.over(NO_CONNECTION).error?.code;

    it('says so after ten seconds, once, and no more when it goes on', async () => {
      work.pending = 1;
      await seconds(9);
      expect([error(), mirror.isBlocked]).to.deep.equal([undefined, false]);
      await seconds(60);
      expect([error(), mirror.isBlocked]).to.deep.equal(['storage-blocked', true]);
      work.ended++;
      await seconds(1);
      expect([error(), mirror.isBlocked]).to.deep.equal([undefined, false]);
      expect(log).to.deep.equal(['told storage-blocked', 'changed']);
    });
    it('says so whatever else is read or wrong meanwhile', async () => {
      work.pending = 1;
      await seconds(10);
      await mirror.readRows();
      broken = true;
      await mirror.readRows();
      expect(error()).to.equal('storage-blocked');
    });
    it('is not one that is busy, nor one that has nothing to do', async () => {
      for (let round = 0; round < 10; round++) {
        work.pending = round % 2;
        await seconds(9);
        work.ended++;
      }
      work.pending = 0;
      await seconds(60);
      expect(log).to.deep.equal([]);
    });
    it('does not offer to do what another can not, for a minute after', async () => {
      expect(await mirror.isWell()).to.equal(true);
      work.pending = 1;
      await seconds(10);
      expect(await mirror.isWell()).to.equal(false);
      work.pending = 0;
      work.ended++;
      await seconds(59);
      expect(await mirror.isWell()).to.equal(false);
      await seconds(1);
      expect(await mirror.isWell()).to.equal(true);
    });
    it('offers nothing where it took long to read: what held it may have held the other', async () => {
      outbox.load = () => new Promise<void>(resolve => void clock.timer(2000, resolve));
      const isWell = mirror.isWell();
      await clock.advance(2000);
      expect(await isWell).to.equal(false);
    });
    it('offers nothing where it can not be read', async () => {
      broken = true;
      expect(await mirror.isWell().catch(({code}) => code)).to.equal('quota-exceeded');
    });
  });

  it('is read whole where announcements were missed, and then shown', async () => {
    await mirror.readAll();
    expect(log).to.deep.equal(['outbox', 'rows', 'touched']);
  });
  it('is left where a tab logged out, and died before it could say so', async () => {
    outbox.isBuried = true;
    await mirror.catchUp();
    expect(log).to.deep.equal(['outbox', 'moved', 'rows']);
  });
  it('is read again where it is in doubt, but not all the time', async () => {
    await clock.advance(4000);
    await mirror.doubt();
    await mirror.doubt();
    await clock.advance(3999);
    await mirror.doubt();
    expect(log).to.deep.equal(['a part of the outbox']);
    await clock.advance(1);
    await mirror.doubt();
    expect(log).to.deep.equal(['a part of the outbox', 'a part of the outbox']);
  });
  it('knows at once of rows that another tab committed, and looks once at those of a moment', async () => {
    mirror.committed({lsn: '0/A', types: ['task'], ids: ['a']});
    await clock.advance(15);
    mirror.committed({lsn: '0/A', types: ['task'], ids: ['a']});
    expect(log).to.deep.equal(['outdated', 'outdated']);
    await clock.advance(1);
    expect(log).to.deep.equal(['outdated', 'outdated', 'rows', 'changed']);
    mirror.committed({lsn: '0/A', types: ['task'], ids: ['a']});
    await clock.advance(16);
    expect(log.slice(4)).to.deep.equal(['outdated', 'rows', 'changed']);
  });
  it('takes any row for another one where a word of a commit did not come', () => {
    const [first, second, third] = ['0/A', '0/B', '0/C'].map(lsn => ({lsn, types: ['task'], ids: [lsn]}));
    mirror.told = '0/9';
    expect(first && mirror.committed(first, '0/9')).to.equal(first);
    expect(third && mirror.committed(third, second?.lsn)).to.deep.equal({lsn: '0/C', types: [], ids: null});
    expect(second && mirror.committed({...second, lsn: '0/D'}, '0/C')).to.deep.include({ids: ['0/B']});
    expect(first && mirror.committed(first)).to.deep.include({ids: null});
  });
  it('looks at nothing, and leaves no timer, once it is closed', async () => {
    mirror.committed({lsn: '0/A', types: ['task'], ids: ['a']});
    mirror.close();
    expect(clock.pending).to.equal(0);
  });
  it('tells of storage that fails, and that it works again', async () => {
    broken = true;
    await mirror.readOutbox();
    expect(mirror.trouble).to.include({code: 'quota-exceeded'});
    broken = false;
    await mirror.readOutbox();
    expect(mirror.trouble).to.equal(null);
    expect(log).to.deep.equal(['outbox', 'failed quota-exceeded', 'outbox', 'changed']);
  });
  it('tells nothing any more once it is closed', async () => {
    broken = true;
    mirror.close();
    await mirror.readAll();
    expect(log).to.deep.equal(['outbox']);
  });
});
