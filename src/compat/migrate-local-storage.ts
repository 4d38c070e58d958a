/** The plan kept its state in localStorage, apart from the rows. What of it still means something is taken over once. */
import {type PageStorage, pageStorage} from '../platform/page-storage.js';
import {type MigratedState, migrateSyncState} from './migrate.js';

const CLIENT_ID = 'sync_client_id';
const LAST_LSN = 'sync_last_lsn';
/** Who was connected, or about to be, when a tab last wrote it down: nothing of it holds any more. */
const OUTDATED = ['sync_connection_status', 'sync_connection_attempt', 'sync_connection_last_updated'] as const;

export type MigratedKey = MigratedState['clientId'] | MigratedState['lastLSN'] | 'dropped';

/**
 * Reads the plan's five keys, whatever stands in them, as `migrateSyncState` does: by the name of the key, what became of
 * its value. Call it before the service is used.
 * @param options.remove takes the keys away, so that there is nothing to go back to. Default false
 * @param options.storage default: the page's localStorage; where it can't be had, all keys are absent
 */
export function migrateLocalStorage({
  dryRun = false,
  remove = false,
  storage = pageStorage(),
}: {
  dryRun?: boolean;
  remove?: boolean;
  storage?: PageStorage | undefined;
} = {}): Record<string, MigratedKey> {
  const read = (key: string) => storage?.getItem(key) ?? undefined;
  const {clientId, lastLSN} = migrateSyncState({clientId: read(CLIENT_ID), lastLSN: read(LAST_LSN)}, {dryRun});
  const report: Record<string, MigratedKey> = {[CLIENT_ID]: clientId, [LAST_LSN]: lastLSN};
  for (const key of OUTDATED) report[key] = read(key) === undefined ? 'absent' : 'dropped';
  if (remove && !dryRun) for (const key of Object.keys(report)) storage?.removeItem(key);
  return report;
}
