import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import {EMPTY_QUEUE, NO_CONNECTION, summarise} from '../state/state.js';
import {Safekeeping} from './safekeeping.js';

const state = (durable: boolean, pending: number) =>
  summarise(
    NO_CONNECTION,
    {...EMPTY_QUEUE, pending},
    {
      clientId: 'c',
      role: 'leader',
      mode: 'worker',
      durable,
      online: true,
      storage: null,
    },
  );

function keeper(options: {warns?: boolean; persists?: boolean; early?: number} = {}) {
  const told: string[] = [];
  let held = 0;
  let early = options.early ?? 0;
  const safekeeping = new Safekeeping(
    {warns: options.warns ?? true, persists: options.persists ?? true},
    {
      hold: () => {
        held++;
        return () => held--;
      },
      persist: async () => {
        told.push('asked');
        return early-- <= 0;
      },
    },
  );
  return {safekeeping, told, held: () => held};
}

describe('leaving', () => {
  it('is held while a write is not durable, however many there are, and no longer', async () => {
    const {safekeeping, held} = keeper();
    const [one, two] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const writes = [safekeeping.during(one.promise), safekeeping.during(two.promise).catch(() => 'failed')];
    expect(held()).to.equal(1);
    one.resolve('id');
    expect(await writes[0]).to.equal('id');
    expect(held()).to.equal(1);
    two.reject(new Error('full'));
    expect(await writes[1]).to.equal('failed');
    expect(held()).to.equal(0);
  });
  it('is held while work is pending that is only in memory', () => {
    const {safekeeping, held} = keeper();
    safekeeping.changed(state(true, 5));
    expect(held()).to.equal(0);
    safekeeping.changed(state(false, 5));
    expect(held()).to.equal(1);
    safekeeping.changed(state(false, 0));
    expect(held()).to.equal(0);
    safekeeping.changed(state(false, 1));
    safekeeping.close();
    expect(held()).to.equal(0);
  });
  it('is not held unless it was asked for', async () => {
    const {safekeeping, held} = keeper({warns: false});
    safekeeping.changed(state(false, 5));
    void safekeeping.during(new Promise(() => {}));
    expect(held()).to.equal(0);
  });
});

describe('the browser is asked to keep the data', () => {
  it('once, after the first write that was saved', async () => {
    const {safekeeping, told} = keeper();
    await safekeeping.during(Promise.reject(new Error('full'))).catch(() => {});
    expect(told).to.deep.equal([]);
    await safekeeping.during(Promise.resolve());
    await safekeeping.during(Promise.resolve());
    safekeeping.ask();
    expect(told).to.deep.equal(['asked']);
  });
  it('again while nobody has used the page yet', async () => {
    const {safekeeping, told} = keeper({early: 2});
    for (let times = 0; times < 5; times++) {
      safekeeping.ask();
      await settle();
    }
    expect(told.length).to.equal(3);
  });
  it('not where the page says not to', () => {
    const {safekeeping, told} = keeper({persists: false});
    safekeeping.ask();
    expect(told).to.deep.equal([]);
  });
});
