import {expect} from '@open-wc/testing';
import type {ErrorRecord} from '../protocol/protocol.js';
import {LiveQuery, type WatchQuery} from './live-query.js';

const error: ErrorRecord = {code: 'invalid-query', message: 'm', retryable: false, action: 'none'};

describe('a live query', () => {
  let hooks: Parameters<WatchQuery>[0] | undefined;
  let watches: number;
  let live: LiveQuery<number[]>;
  let heard: string[];
  beforeEach(() => {
    hooks = undefined;
    watches = 0;
    heard = [];
    live = new LiveQuery(given => {
      hooks = given;
      watches++;
      return () => {
        hooks = undefined;
      };
    });
  });
  const hear = (who: string) => (value: number[] | undefined) => void heard.push(`${who} ${JSON.stringify(value)}`);

  it('asks for nothing before somebody listens', () => {
    expect(watches).to.equal(0);
    expect(live.value).to.equal(undefined);
  });
  it('calls at once with what there is, then on each change', () => {
    live.subscribe(hear('x'));
    hooks?.value([1]);
    live.subscribe(hear('y'));
    hooks?.value([1, 2]);
    expect(heard).to.deep.equal(['x undefined', 'x [1]', 'y [1]', 'x [1,2]', 'y [1,2]']);
    expect(live.value).to.deep.equal([1, 2]);
    expect(watches).to.equal(1);
  });
  it('ends with the last who leaves, and begins again with the next', () => {
    const x = live.subscribe(hear('x'));
    const y = live.subscribe(hear('y'));
    x();
    x();
    expect(hooks === undefined).to.equal(false);
    y();
    expect(hooks === undefined).to.equal(true);
    live.subscribe(hear('z'));
    expect(watches).to.equal(2);
  });
  it('can be subscribed to without its object, as Svelte does', () => {
    const {subscribe} = live;
    subscribe(hear('x'));
    expect(heard).to.deep.equal(['x undefined']);
  });
  it('takes one listener twice for two', () => {
    const same = hear('x');
    const first = live.subscribe(same);
    live.subscribe(same);
    first();
    hooks?.value([1]);
    expect(heard.filter(line => line === 'x [1]').length).to.equal(1);
  });
  it('keeps the value at an error, tells of it, and forgets it with the next value', () => {
    live.subscribe(hear('x'));
    hooks?.value([1]);
    hooks?.error(error);
    expect(live.error).to.include({code: 'invalid-query'});
    expect(live.value).to.deep.equal([1]);
    expect(heard.at(-1)).to.equal('x [1]');
    hooks?.value([2]);
    expect(live.error).to.equal(undefined);
  });
  it('lets one that throws keep no other from hearing', () => {
    let calls = 0;
    const grumpy = () => {
      if (calls++ > 0) throw new Error('mine');
    };
    live.subscribe(grumpy);
    live.subscribe(hear('x'));
    try {
      hooks?.value([1]);
    } catch {}
    expect(heard.at(-1)).to.equal('x [1]');
  });
  it('leaves no listener behind that threw on its first call', () => {
    try {
      live.subscribe(() => {
        throw new Error('mine');
      });
    } catch {}
    expect(hooks === undefined).to.equal(true);
  });
  it('does not call one that another one removed before its turn', () => {
    let remove = () => {};
    let first = true;
    live.subscribe(() => {
      if (!first) remove();
      first = false;
    });
    remove = live.subscribe(hear('gone'));
    heard.length = 0;
    hooks?.value([1]);
    expect(heard).to.deep.equal([]);
  });
});
