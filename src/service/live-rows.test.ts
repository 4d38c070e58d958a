import {expect} from '@open-wc/testing';
import type {Watch} from '../manager/manager.js';
import type {SyncWorkerManager} from '../manager/sync-worker-manager.js';
import {LiveQuery} from './live-query.js';
import {liveRows} from './live-rows.js';

describe('live rows', () => {
  let watch: Pick<Watch, 'value' | 'error'>;
  const manager = {
    watch(_type: string, _query: object, hooks: typeof watch) {
      watch = hooks;
      return () => {};
    },
  } as unknown as SyncWorkerManager;

  it('are put together from what is told, whatever their reader does to the list', () => {
    const live = new LiveQuery<object[]>(liveRows(manager, 'task', {}));
    const heard: object[][] = [];
    live.subscribe(rows => {
      if (!rows) return;
      heard.push([...rows]);
      rows.reverse();
    });
    watch.value([{items: [{id: 'a'}, {id: 'b'}]}]);
    watch.value([{from: 1, to: 2}, {items: [{id: 'c'}]}]);
    expect(heard).to.deep.equal([
      [{id: 'a'}, {id: 'b'}],
      [{id: 'b'}, {id: 'c'}],
    ]);
    expect(heard[1]?.[0]).to.equal(heard[0]?.[1]);
  });
});
