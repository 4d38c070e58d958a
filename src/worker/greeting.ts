/** The first frame: who this client is, what it holds and what it wants. The token is the connection's to add. */
import type {Commits} from '../database/database.js';
import type {SyncMessageHandler} from '../handler/sync-message-handler.js';
import {PROTOCOL_VERSION, SyncError, type SyncFrame} from '../protocol/protocol.js';
import {standDown} from './fence.js';
import type {SessionContext} from './worker.js';

/**
 * @param alias what the server calls this database, where that is not the instance's id
 * @throws SyncError `storage-conflict` where storage is no longer this leader's, which stands down then
 */
export async function greeting(
  context: SessionContext,
  journal: Commits,
  handler: SyncMessageHandler,
  {epoch, alias}: {epoch: number; alias: string | undefined},
): Promise<SyncFrame> {
  // What was accepted is written first, or it would name an older checkpoint.
  await handler.quiesce();
  const [isOver, want] = await Promise.all([standDown(context, journal), context.wants()]);
  if (isOver) throw new SyncError('storage-conflict', 'Another tab has taken over');
  const {config, instance, queue} = context;
  context.greets();
  return {
    type: 'sync',
    protocol: PROTOCOL_VERSION,
    clientId: instance.clientId,
    instance: alias ?? instance.id,
    epoch,
    ...(instance.subject === null ? {} : {subject: instance.subject}),
    ...handler.greeting(want),
    settled: queue.settledFloor,
    window: config.limits.windowBytes,
  };
}
