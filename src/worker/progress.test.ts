import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {Progress} from './progress.js';

describe('the progress of a leader', () => {
  let givenUp: number;
  let progress: Progress;
  const ticks = (count: number, isBusy = true) => {
    for (let second = 0; second < count; second++) progress.tick(isBusy);
  };
  beforeEach(() => {
    givenUp = 0;
    progress = new Progress(() => givenUp++);
  });

  it('that is none for ten seconds, with work to do, lets another tab try', () => {
    ticks(9);
    expect(givenUp).to.equal(0);
    ticks(1);
    expect(givenUp).to.equal(1);
  });
  it('is not missed where there is nothing to do', () => {
    ticks(9);
    ticks(100, false);
    ticks(9);
    expect(givenUp).to.equal(0);
  });
  it('is none while what is to be made waits', async () => {
    let made = () => {};
    void progress.of(
      new Promise<void>(resolve => {
        made = resolve;
      }),
    );
    ticks(9, false);
    made();
    await settle();
    ticks(100, false);
    expect(givenUp).to.equal(0);
    void progress.of(new Promise(() => {}));
    ticks(10, false);
    expect(givenUp).to.equal(1);
  });
  it('hands on what was made, or why not', async () => {
    expect(await progress.of(Promise.resolve(5))).to.equal(5);
    const failed = progress.of(Promise.reject(new Error('disk')));
    expect(await failed.catch(({message}) => message)).to.equal('disk');
    ticks(100, false);
    expect(givenUp).to.equal(0);
  });
  it('counts, however slow it is', () => {
    for (let minute = 0; minute < 10; minute++) {
      ticks(9);
      progress.made();
    }
    expect(givenUp).to.equal(0);
  });
  it('of a write that is at it counts as life, and not as a success', () => {
    for (let second = 0; second < 100; second++) {
      ticks(9);
      progress.moved();
    }
    expect(givenUp).to.equal(0);
    expect([progress.failed(), progress.failed()]).to.deep.equal([1, 2]);
    progress.moved();
    expect(progress.failed()).to.equal(3);
    expect(givenUp).to.equal(1);
    progress.made();
    expect(progress.failed()).to.equal(1);
  });
  it('that fails three times in a row lets another tab try', () => {
    progress.failed();
    progress.failed();
    progress.made();
    progress.failed();
    progress.failed();
    expect(givenUp).to.equal(0);
    progress.failed();
    expect(givenUp).to.equal(1);
  });
});
