import {expect} from '@open-wc/testing';
import {planRows, readPlanFrame} from './plan-frames.js';

const update = {type: 'update', entityType: 'note', entityId: '1', data: {n: 1}};
const remove = {type: 'delete', entityType: 'note', entityId: '2'};

describe('frames of the plan', () => {
  const spellings: [what: string, frame: Record<string, unknown>, changes: object[], lsn: string | undefined][] = [
    ['changes', {type: 'changes', lsn: '0/a', changes: [update, remove]}, [update, remove], '0/A'],
    ['changes in data', {type: 'changes', data: {lsn: '0/A', changes: [update]}}, [update], '0/A'],
    ['changes in data, LSN at the top', {type: 'changes', lsn: '0/A', data: {changes: [update]}}, [update], '0/A'],
    ['both LSNs: the inner one', {type: 'changes', lsn: '0/A', data: {lsn: '0/B', changes: []}}, [], '0/B'],
    ['changes without an LSN', {type: 'changes', changes: [update]}, [update], undefined],
    ['sync_data as data', {type: 'sync_data', data: [update]}, [update], undefined],
    ['sync_data as changes', {type: 'sync_data', changes: [update], lsn: '1/0'}, [update], '1/0'],
    ['batch_update', {type: 'batch_update', batchId: 'b', data: [remove], lsn: null}, [remove], undefined],
    ['entity_update', {...update, type: 'entity_update', lsn: '0/1', mine: true}, [update], '0/1'],
    ['entity_delete', {...remove, type: 'entity_delete'}, [remove], undefined],
    ['sync_complete', {type: 'sync_complete', lsn: '0/2'}, [], '0/2'],
    ['sync_complete in data', {type: 'sync_complete', data: {lsn: '0/2'}}, [], '0/2'],
  ];
  for (const [what, frame, changes, lsn] of spellings) {
    it(`are read however they are spelled: ${what}`, () => {
      expect(readPlanFrame(frame)).to.deep.equal({changes, lsn});
    });
  }

  it('insert is taken as update, and what a change carries besides stays', () => {
    const change = {...update, type: 'insert', timestamp: 5, partial: true};
    expect(readPlanFrame({type: 'changes', changes: [change]})?.changes).to.deep.equal([{...change, type: 'update'}]);
    expect(readPlanFrame({...change, type: 'entity_update'})?.changes).to.deep.equal([{...change, type: 'update'}]);
  });

  for (const type of ['sync_start', 'sync_request', 'sync_error', 'chat', undefined]) {
    it(`of another kind carry nothing: ${type}`, () => {
      expect(readPlanFrame({type, changes: [update], lsn: '0/1'})).to.equal(undefined);
    });
  }

  const malformed: [what: string, frame: Record<string, unknown>][] = [
    ['no list', {type: 'changes', lsn: '0/1'}],
    ['an object for a list', {type: 'batch_update', data: {0: update}}],
    ['a kind of change that there is not', {type: 'changes', changes: [update, {...update, type: 'truncate'}]}],
    ['no entity', {type: 'entity_delete', entityType: 'note'}],
    ['a name that reaches into objects', {type: 'entity_delete', entityType: '__proto__', entityId: '1'}],
    ['an update of nothing', {type: 'entity_update', entityType: 'note', entityId: '1'}],
    ['rows that are text', {type: 'changes', changes: 'x'}],
  ];
  for (const [what, frame] of malformed) {
    it(`that are malformed count for nothing: ${what}`, () => {
      expect(() => readPlanFrame(frame))
        .to.throw()
        .with.property('code', 'bad-frame');
    });
  }

  for (const lsn of ['x', '0/100000000', 7, '', {}, '0/-1', '1E5']) {
    it(`with an LSN that is none count for nothing, checked or not: ${JSON.stringify(lsn)}`, () => {
      for (const read of [readPlanFrame, planRows]) {
        expect(() => read({type: 'changes', changes: [update], lsn}))
          .to.throw()
          .with.property('code', 'bad-frame');
      }
    });
  }
});
