import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import type {Replica} from '../database/replica.js';
import {SyncError} from '../protocol/protocol.js';
import type {Outbox} from '../queue/outbox.js';
import {Mirror} from './mirror.js';

describe('what a tab holds of storage in memory', () => {
  let clock: FakeClock;
  let log: string[];
  let broken: boolean;
  let mirror: Mirror;
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    broken = false;
    const read = (what: string) => async () => {
      log.push(what);
      if (broken) throw new SyncError('quota-exceeded', 'full');
    };
    const outbox = {load: read('outbox'), look: read('a part of the outbox')} as unknown as Outbox;
    const replica = {refresh: read('rows')} as unknown as Replica;
    mirror = new Mirror(outbox, replica, clock, {
      changed: () => log.push('changed'),
      touched: () => log.push('touched'),
      failed: error => {
        log.push(`failed ${error.code}`);
        mirror.trouble = error;
      },
    });
  });

  it('is read whole where announcements were missed, and then shown', async () => {
    await mirror.readAll();
    expect(log).to.deep.equal(['outbox', 'rows', 'touched']);
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
