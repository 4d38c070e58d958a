import {expect} from '@open-wc/testing';
import {settle} from '../../test/helpers/fake-clock.js';
import type {Look} from '../database/database.js';
import {SyncError} from '../protocol/protocol.js';
import {LiveQueries} from './live-queries.js';

describe('watched queries', () => {
  let answers: Map<string, unknown>;
  let asked: string[];
  let told: string[];
  let hold: Promise<void>;
  let live: LiveQueries;
  beforeEach(() => {
    answers = new Map();
    asked = [];
    told = [];
    hold = Promise.resolve();
    live = new LiveQueries(
      async type => {
        asked.push(type);
        const answer = answers.get(type) ?? [];
        await hold;
        if (answer instanceof Error) throw answer;
        return {rows: answer} as Look;
      },
      message => {
        if (message.kind === 'live') told.push(`${message.live} ${JSON.stringify(message.value)}`);
        if (message.kind === 'live-error') told.push(`${message.live} ${message.error.code}`);
      },
    );
  });

  it('are answered at once, and again when rows of their type changed', async () => {
    live.watch(1, 'task', {});
    live.watch(2, 'user', {});
    await settle();
    answers.set('task', [1]);
    live.touch(['task']);
    await settle();
    expect(told).to.deep.equal(['1 []', '2 []', '1 [{"items":[1]}]']);
    live.touch(null);
    await settle();
    expect(asked).to.deep.equal(['task', 'user', 'task', 'task', 'user']);
  });
  it('are told of real changes only', async () => {
    live.watch(1, 'task', {});
    await settle();
    live.touch(['task']);
    await settle();
    expect(told).to.deep.equal(['1 []']);
  });
  it('are told what of the answer is another, and after an error all of it', async () => {
    answers.set('task', [1, 2, 3]);
    live.watch(1, 'task', {});
    await settle();
    answers.set('task', [1, 3, 4]);
    live.touch(null);
    await settle();
    answers.set('task', new SyncError('invalid-query', 'm'));
    live.touch(null);
    await settle();
    answers.set('task', [1, 3, 4]);
    live.touch(null);
    await settle();
    expect(told).to.deep.equal([
      '1 [{"items":[1,2,3]}]',
      '1 [{"from":0,"to":1},{"from":2,"to":3},{"items":[4]}]',
      '1 invalid-query',
      '1 [{"items":[1,3,4]}]',
    ]);
  });
  it('are told when the answer is none any more', async () => {
    answers.set('task', [1]);
    live.watch(1, 'task', {});
    await settle();
    answers.set('task', []);
    live.touch(null);
    await settle();
    expect(told).to.deep.equal(['1 [{"items":[1]}]', '1 []']);
  });
  it('are asked once more, not many times, for what changed while they were asked', async () => {
    let release = () => {};
    hold = new Promise(resolve => {
      release = resolve;
    });
    live.watch(1, 'task', {});
    for (let change = 0; change < 100; change++) live.touch(['task']);
    answers.set('task', [100]);
    release();
    await settle();
    expect(asked.length).to.equal(2);
    expect(told.at(-1)).to.equal('1 [{"items":[100]}]');
  });
  it('that nobody watches any more are not told of, though they were being asked', async () => {
    let release = () => {};
    hold = new Promise(resolve => {
      release = resolve;
    });
    live.watch(1, 'task', {});
    live.unwatch(1);
    release();
    await settle();
    expect(told).to.deep.equal([]);
    live.touch(null);
    expect(asked.length).to.equal(1);
  });
  it('tell an error, and go on when it is over, though the answer is the one before', async () => {
    live.watch(1, 'task', {});
    await settle();
    answers.set('task', new SyncError('invalid-query', 'm'));
    live.touch(null);
    await settle();
    answers.delete('task');
    live.touch(null);
    await settle();
    expect(told).to.deep.equal(['1 []', '1 invalid-query', '1 []']);
  });
  it('tell no error to who is gone', async () => {
    let release = () => {};
    hold = new Promise(resolve => {
      release = resolve;
    });
    answers.set('task', new SyncError('closed', 'm'));
    live.watch(1, 'task', {});
    live.unwatch(1);
    release();
    await settle();
    expect(told).to.deep.equal([]);
  });
});
