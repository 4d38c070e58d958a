/** Bugs in what readers are shown, and in what the server says in ways that it seldom does. */
import {Journal} from '../../src/database/journal.js';
import {JournalReader} from '../../src/database/journal-reader.js';
import {RecentChanges} from '../../src/database/recent-changes.js';
import {Replica} from '../../src/database/replica.js';
import {RowIndex} from '../../src/database/row-index.js';
import {Selection} from '../../src/database/selection.js';
import {Stream} from '../../src/handler/stream.js';
import {SyncMessageHandler} from '../../src/handler/sync-message-handler.js';
import {Mirror} from '../../src/worker/mirror.js';
import type {Sabotage} from '../../testing/simulation/sabotage.js';
import {type Bug, patch} from './bugs.js';

type Install = NonNullable<Sabotage['install']>;

const afterIgnored: Install = () =>
  patch(
    Replica.prototype,
    'list',
    before =>
      function (this: Replica, type, {after: _, ...query}, overlay) {
        return before.call(this, type, query, overlay);
      },
  );

const countedWithoutOverlay: Install = () =>
  patch(
    Replica.prototype,
    'count',
    before =>
      function (this: Replica, type, query) {
        return before.call(this, type, query);
      },
  );

const limitedBeforeSorted: Install = () =>
  patch(
    Selection.prototype,
    'add',
    before =>
      function (this: Selection, id, row) {
        return this.size < this.limit && before.call(this, id, row);
      },
  );

const liveNeverLooks: Install = () => patch(RecentChanges.prototype, 'since', () => () => new Set());

const missedWordsIgnored: Install = () =>
  patch(
    Mirror.prototype,
    'committed',
    before =>
      function (this: Mirror, detail, after) {
        before.call(this, detail, after);
        return after === undefined ? {...detail, ids: []} : detail;
      },
  );

const partsOfRowsForgotten: Install = () =>
  patch(
    JournalReader.prototype,
    'row',
    before =>
      function (this: JournalReader, place, ahead) {
        return before.call(this, typeof place === 'number' ? place : place.slice(-1), ahead);
      },
  );

const firstOfTwoStays: Install = () =>
  patch(
    RowIndex.prototype,
    'add',
    before =>
      function (this: RowIndex, sequence, changes, moved) {
        const seen = new Set<string>();
        const again = changes.map(({entityType, entityId}) => {
          const place = `${entityType}/${entityId}`;
          return seen.size === seen.add(place).size;
        });
        const nothing = {type: 'delete', entityType: 'nothing', entityId: ''} as const;
        before.call(
          this,
          sequence,
          changes.map((change, index) => (again[index] ? nothing : change)),
          moved,
        );
      },
  );

const partsShownAlone: Install = () =>
  patch(
    Stream.prototype,
    'take',
    before =>
      function (this: Stream, frame, text, batch) {
        const taken = before.call(this, frame, text, batch);
        for (const record of batch.records) {
          if (record.kind !== 'changes') continue;
          delete record.part;
          delete record.final;
        }
        return taken;
      },
  );

const lostRowsUnnoticed: Install = () => {
  const restore = patch(
    Stream.prototype,
    'take',
    before =>
      function (this: Stream, frame, text, batch) {
        if ('n' in frame) this.n = frame.n - 1;
        return before.call(this, frame, text, batch);
      },
  );
  const restoreEnd = patch(
    SyncMessageHandler.prototype,
    'accept',
    before =>
      function (this: SyncMessageHandler, frame, text) {
        if (frame.type === 'sync_complete') delete frame.last;
        before.call(this, frame, text);
      },
  );
  return () => {
    restore();
    restoreEnd();
  };
};

const fullDiskUnnoticed: Install = () =>
  patch(
    Journal.prototype,
    'append',
    before =>
      async function (this: Journal, records, position) {
        return before.call(this, records, position).catch((error: {code?: string}) => {
          if (error.code === 'quota-exceeded') return this.length;
          throw error;
        });
      },
  );

export const ROW_BUGS: Bug[] = [
  {name: 'a list does not go on behind a row', seenBy: /^16 .*"after"/, sabotage: {install: afterIgnored}},
  {name: 'what was written here is not counted', seenBy: /^16 .*"count"/, sabotage: {install: countedWithoutOverlay}},
  {name: 'the limit is applied before the order', seenBy: /^16 .*"limit"/, sabotage: {install: limitedBeforeSorted}},
  {name: 'a live query misses what has changed', seenBy: /^(12|16) .*"list"/, sabotage: {install: liveNeverLooks}},
  {
    name: 'a live query depends on every word of a commit',
    seenBy: /^12 .*"list"/,
    sabotage: {install: missedWordsIgnored},
  },
  {name: 'of a row in parts the last one is shown', seenBy: /^16 /, sabotage: {install: partsOfRowsForgotten}},
  {name: 'of two changes of a row the first one stays', seenBy: /^16 /, sabotage: {install: firstOfTwoStays}},
  {name: 'parts of a transaction are shown alone', seenBy: /^(1|3|16) /, sabotage: {install: partsShownAlone}},
  {name: 'rows that were lost on the way are not missed', seenBy: /^1 rows/, sabotage: {install: lostRowsUnnoticed}},
  {
    name: 'a write for which there is no room passes for one',
    seenBy: /^(1|2|6|13) /,
    sabotage: {install: fullDiskUnnoticed},
  },
];
