import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {NumberedMap} from './numbered-map.js';
import {Turns} from './turns.js';

describe('a numbered map', () => {
  it('keeps its numbers in order, also of those that come late or come again', () => {
    const map = new NumberedMap<string>();
    for (const number of [3, 7, 5, 9, 1, 5]) map.set(number, `v${number}`);
    expect([...map.keys()]).to.deep.equal([1, 3, 5, 7, 9]);
    map.delete(9);
    map.set(8, 'v8').set(5, 'again');
    expect([...map]).to.deep.equal([
      [1, 'v1'],
      [3, 'v3'],
      [5, 'again'],
      [7, 'v7'],
      [8, 'v8'],
    ]);
  });
});

describe('turns', () => {
  it('run one after another, and take in all who came meanwhile', async () => {
    const gates: (() => void)[] = [];
    let running = 0;
    const turns = new Turns(async () => {
      expect(++running).to.equal(1);
      await new Promise<void>(resolve => gates.push(resolve));
      running--;
    });
    const first = turns.join();
    await settle();
    const [second, third] = [turns.join(), turns.join()];
    await settle();
    expect(gates.length).to.equal(1);
    gates[0]?.();
    await first;
    await settle();
    expect(gates.length).to.equal(2);
    gates[1]?.();
    await Promise.all([second, third]);
  });
  it('fail for those who shared the run, and go on', async () => {
    let fails = true;
    const turns = new Turns(async () => {
      if (fails) throw new Error('no');
    });
    const both = await Promise.allSettled([turns.join(), turns.join()]);
    expect(both.map(({status}) => status)).to.deep.equal(['rejected', 'rejected']);
    fails = false;
    await turns.join();
  });
});
