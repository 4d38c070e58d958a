/** What a commit touched, in the few words that travel between tabs and to the page. */

import type {CommittedRecord} from '../database/database.js';
import type {ChangesDetail} from '../protocol/protocol.js';

/** Changed ids that an event names; beyond, it says only which types. */
const MAX_IDS = 1000;

/** @param records null: any row of any type may have changed */
export function describe(lsn: string, records: readonly CommittedRecord[] | null): ChangesDetail {
  if (!records) return {lsn, types: [], ids: null};
  const types = new Set<string>();
  const ids = new Set<string>();
  let count = 0;
  for (const {changes} of records) {
    count += changes.length;
    for (const {entityType, entityId} of changes) {
      types.add(entityType);
      if (ids.size <= MAX_IDS) ids.add(entityId);
    }
  }
  return {lsn, types: [...types], ids: ids.size > MAX_IDS ? null : [...ids], count};
}
