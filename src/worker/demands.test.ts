import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import type {SyncError, SyncErrorFrame} from '../protocol/protocol.js';
import {bounded} from './demands.js';
import type {Ears} from './hear.js';

const COMPLAINT: SyncErrorFrame = {type: 'sync_error', code: 'x', message: 'm'};
const RESET = {type: 'reset', generation: 'g', reason: 'r'} as const;

describe('what a server demands', () => {
  let clock: FakeClock;
  let heard: string[];
  let ears: Ears;
  const count = (what: string) => heard.filter(each => each === what).length;
  const times = (number: number, say: () => void) => {
    for (let at = 0; at < number; at++) say();
  };

  beforeEach(() => {
    clock = new FakeClock();
    heard = [];
    const note = (what: string) => () => void heard.push(what);
    ears = bounded(clock, {
      welcome: note('welcome'),
      ping: note('ping'),
      pong: note('pong'),
      complaint: note('complaint'),
      request: note('request'),
      filling: note('filling'),
      caughtUp: note('caughtUp'),
      large: note('large'),
      data: frame => void heard.push(frame.type),
      foreign: note('foreign'),
      malformed: ({code}: SyncError) => void heard.push(code),
    });
  });

  it('is met as often as any server has reason to', async () => {
    times(10, () => ears.request());
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      ears.request();
      times(10, () => ears.complaint(COMPLAINT));
    }
    expect([count('request'), count('complaint'), count('server-flood')]).to.deep.equal([70, 600, 0]);
  });
  it('is a flood where the stream is to begin again and again, whether it asks or resets', () => {
    times(7, () => ears.request());
    times(3, () => ears.data(RESET, ''));
    expect(count('server-flood')).to.equal(0);
    ears.request();
    ears.data(RESET, '');
    expect([count('request'), count('reset'), count('server-flood')]).to.deep.equal([7, 3, 2]);
  });
  it('is a flood where it complains without end', () => {
    times(101, () => ears.complaint(COMPLAINT));
    expect([count('complaint'), count('server-flood')]).to.deep.equal([100, 1]);
  });
  it('is met in part, and no crime, where it pings without end', async () => {
    times(20_000, () => ears.ping(1));
    expect([count('ping'), count('server-flood')]).to.deep.equal([100, 0]);
    await clock.advance(1000);
    times(20, () => ears.ping(1));
    expect(count('ping')).to.equal(110);
  });
  it('is not saved up for longer than that', async () => {
    await clock.advance(3_600_000);
    times(11, () => ears.request());
    expect([count('request'), count('server-flood')]).to.deep.equal([10, 1]);
  });
  it('does not bound rows, which the window does', () => {
    const head = {type: 'head', stream: 1, n: 1, prevLSN: '0/1', lsn: '0/2', serverTime: 0} as const;
    times(1000, () => ears.data(head, ''));
    expect(count('head')).to.equal(1000);
  });
});
