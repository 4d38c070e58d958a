import {expect} from '@open-wc/testing';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {TokenDesk} from './token-desk.js';

describe('the token desk', () => {
  let clock: FakeClock;
  let asked: number[];
  let desk: TokenDesk;
  const outcome = async (answer: Promise<unknown>) => {
    let seen: unknown = 'waits';
    void answer.then(value => {
      seen = value;
    });
    await settle();
    return seen;
  };
  beforeEach(() => {
    clock = new FakeClock();
    asked = [];
    desk = new TokenDesk(clock, ask => asked.push(ask));
  });

  it('gives what the page answers, to all who wait', async () => {
    const both = [desk.ask(), desk.ask()];
    expect(asked).to.deep.equal([1]);
    desk.answer(1, 't');
    expect(await Promise.all(both)).to.deep.equal([{token: 't'}, {token: 't'}]);
    expect(clock.pending).to.equal(0);
  });
  it('tells a page that has none from one that does not answer', async () => {
    const none = desk.ask();
    desk.answer(1, undefined);
    expect(await none).to.deep.equal({token: undefined});
    const silent = desk.ask();
    await clock.advance(10_000);
    expect(await silent).to.equal(undefined);
  });
  it('keeps what came late for the next who asks, and does not ask again meanwhile', async () => {
    const first = desk.ask();
    await clock.advance(10_000);
    expect(await first).to.equal(undefined);
    const second = desk.ask();
    expect(asked).to.deep.equal([1]);
    await clock.advance(2000);
    desk.answer(1, 'slow');
    expect(await second).to.deep.equal({token: 'slow'});

    const third = desk.ask();
    await clock.advance(10_000);
    await third;
    desk.answer(2, 'later');
    expect(await desk.ask()).to.deep.equal({token: 'later'});
    expect(await outcome(desk.ask())).to.equal('waits');
    expect(asked).to.deep.equal([1, 2, 3]);
  });
  it('asks anew where the page has forgotten', async () => {
    const first = desk.ask();
    await clock.advance(120_000);
    await first;
    const again = desk.ask();
    expect(asked).to.deep.equal([1, 2]);
    desk.answer(1, 'of old');
    desk.answer(2, 'new');
    expect(await again).to.deep.equal({token: 'new'});
  });
  it('closed lets nobody wait, and sets no timer', async () => {
    const waits = desk.ask();
    desk.close();
    expect(await waits).to.equal(undefined);
    expect(await desk.ask()).to.equal(undefined);
    expect(clock.pending).to.equal(0);
  });
});
