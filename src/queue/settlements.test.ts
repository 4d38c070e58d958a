import {expect} from '@open-wc/testing';
import {rejection, rejectionCode} from '../../test/helpers/errors.js';
import {record} from '../../test/helpers/outbox.js';
import {type Settlement, SyncError} from '../protocol/protocol.js';
import type {OutboxRecord} from './queue.js';
import {type Milestone, Settlements} from './settlements.js';

const queued = record('o');
const sent = record('o', {stage: 'sent'});
const answer = {generation: 'g', lsn: '0/A', status: 'applied'} as const;
const applied = record('o', {stage: 'applied', ...answer});
const done = record('o', {stage: 'done', ...answer});
const failed = record('o', {stage: 'failed', error: {code: 'conflict', message: 'No'}});

describe('waiting for an operation', () => {
  let events: string[];
  let settlements: Settlements;
  let current: OutboxRecord | undefined;
  const forever = new AbortController().signal;
  beforeEach(() => {
    events = [];
    current = queued;
    settlements = new Settlements({
      applied: ({id, status}) => events.push(`applied ${id} ${status}`),
      failed: (id, {code}) => events.push(`failed ${id} ${code}`),
    });
  });
  const become = (after: OutboxRecord | undefined) => {
    const before = current;
    current = after;
    settlements.observe(1, after, before);
  };
  const wait = (until: Milestone, signal = forever) => settlements.wait('o', current, until, signal);
  /** Whether it is settled by now, and how. */
  const now = async (promise: Promise<Settlement>) =>
    Promise.race([
      promise.then(
        ({status}) => status,
        ({code}: SyncError) => code,
      ),
      Promise.resolve().then(() => Promise.resolve('waits')),
    ]);

  const table: [until: Milestone, stages: [OutboxRecord, string][]][] = [
    ['sent', [[sent, 'sent']]],
    [
      'applied',
      [
        [sent, 'waits'],
        [applied, 'applied'],
      ],
    ],
    [
      'echoed',
      [
        [sent, 'waits'],
        [applied, 'waits'],
        [done, 'echoed'],
      ],
    ],
  ];
  for (const [until, stages] of table) {
    it(`until ${until} goes on until then`, async () => {
      const promise = wait(until);
      expect(await now(promise)).to.equal('waits');
      for (const [stage, expected] of stages) {
        become(stage);
        expect(await now(promise)).to.equal(expected);
      }
    });
  }
  it('is over at once where it has got so far already', async () => {
    current = applied;
    expect(await wait('sent')).to.deep.equal({id: 'o', status: 'applied', lsn: '0/A'});
    expect(await wait('applied')).to.deep.equal({id: 'o', status: 'applied', lsn: '0/A'});
    current = done;
    expect(await wait('echoed')).to.deep.equal({id: 'o', status: 'echoed', lsn: '0/A'});
  });
  it('tells a duplicate as such', async () => {
    const promise = wait('applied');
    become({...applied, status: 'duplicate'});
    expect(await promise).to.include({status: 'duplicate'});
  });
  it('skips stages that another tab went through meanwhile', async () => {
    const promises = (['sent', 'applied', 'echoed'] as const).map(until => wait(until));
    become(done);
    expect((await Promise.all(promises)).map(({status}) => status)).to.deep.equal(['echoed', 'echoed', 'echoed']);
    expect(events).to.deep.equal(['applied o echoed']);
  });
  it('fails with the reason of its refusal, for those who wait and those who come later', async () => {
    const promise = wait('sent');
    become(failed);
    expect(await rejection(promise)).to.include({code: 'conflict', message: 'No', action: 'review'});
    expect(await rejectionCode(wait('sent'))).to.equal('conflict');
  });
  it('fails where it is taken off the queue', async () => {
    const promise = wait('applied');
    become(undefined);
    const {code, message} = await rejection(promise);
    expect(code).to.equal('cancelled');
    expect(message).not.to.contain('may have been applied');
  });
  it('fails with a warning where it had been sent', async () => {
    become(sent);
    const promise = wait('applied');
    become(undefined);
    const {code, message} = await rejection(promise);
    expect(code).to.equal('cancelled');
    expect(message).to.contain('may have been applied');
  });
  it('fails at once where nothing is known of it', async () => {
    current = undefined;
    expect(await rejectionCode(wait('sent'))).to.equal('unknown-operation');
  });
  it('ends with the one who waits, and no other', async () => {
    const controller = new AbortController();
    const mine = wait('applied', controller.signal);
    const other = wait('applied');
    controller.abort();
    expect(await rejectionCode(mine)).to.equal('cancelled');
    become(applied);
    expect((await other).status).to.equal('applied');
  });
  it('does not begin where nobody waits any more', async () => {
    expect(await rejectionCode(wait('applied', AbortSignal.abort()))).to.equal('cancelled');
  });
  it('ends for all when the service closes', async () => {
    const promises = [wait('sent'), wait('echoed')];
    settlements.rejectAll(new SyncError('closed', 'bye'));
    expect(await Promise.all(promises.map(rejectionCode))).to.deep.equal(['closed', 'closed']);
  });
  it('of one operation is not ended by another', async () => {
    const promise = wait('applied');
    settlements.observe(2, {...applied, id: 'p'}, {...sent, id: 'p'});
    expect(await now(promise)).to.equal('waits');
  });

  describe('is announced', () => {
    it('once when it is applied, whatever comes behind', () => {
      for (const stage of [sent, sent, applied, applied, done, done, undefined]) become(stage);
      expect(events).to.deep.equal(['applied o applied']);
    });
    it('once when it is refused', () => {
      for (const stage of [sent, failed, failed, {...failed, attempts: 5}]) become(stage);
      expect(events).to.deep.equal(['failed o conflict']);
    });
    it('again when it is refused again after a retry', () => {
      become(failed);
      become(undefined);
      current = undefined;
      become(queued);
      become(failed);
      expect(events).to.deep.equal(['failed o conflict', 'failed o conflict']);
    });
    it('not on reading the outbox for the first time: that was told then', () => {
      for (const stage of [applied, done, failed]) {
        current = undefined;
        become(stage);
      }
      expect(events).to.deep.equal([]);
    });
    it('not when a settled one is forgotten', () => {
      current = done;
      become(undefined);
      expect(events).to.deep.equal([]);
    });
  });
});
