/** After: the same app on the service, whatever its server speaks. */
import {WorkerSyncService} from '/headless.js';

/** @param app as before; `end` is the LSN of all rows */
export async function start({owner, end, show, synced}, options) {
  const service = new WorkerSyncService({url: '/', worker: '/sync-worker.js', ...options});
  service.live('item', {where: {owner}}).subscribe(rows => rows?.length > 0 && show(rows));
  const look = ({status, lastLSN}) => status === 'synced' && lastLSN === end && synced();
  service.onStateChange(look);
  await service.connect();
}
