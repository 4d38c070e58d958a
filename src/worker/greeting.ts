/** The first frame: who this client is, what it holds and what it wants. */
import type {SyncMessageHandler} from '../handler/sync-message-handler.js';
import {PROTOCOL_VERSION, type SyncFrame} from '../protocol/protocol.js';
import type {SessionContext} from './worker.js';

/** @param alias what the server calls this database, where that is not the instance's id */
export async function greeting(
  {config, instance, queue}: SessionContext,
  handler: SyncMessageHandler,
  {epoch, alias, token}: {epoch: number; alias: string | undefined; token: string | undefined},
): Promise<SyncFrame> {
  // What was accepted is written first, or it would name an older checkpoint.
  await handler.quiesce();
  return {
    type: 'sync',
    protocol: PROTOCOL_VERSION,
    clientId: instance.clientId,
    instance: alias ?? instance.id,
    epoch,
    ...(instance.subject === null ? {} : {subject: instance.subject}),
    ...(token === undefined ? {} : {token}),
    ...(config.types ? {want: config.types} : {}),
    ...handler.greeting(),
    settled: queue.settledFloor,
    window: config.limits.windowBytes,
  };
}
