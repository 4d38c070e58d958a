/** What the engine answers to each request of the page. */
import {type EngineRequest, PORT_FORMAT, SyncError, type SyncState} from '../protocol/protocol.js';
import {loggedOut} from '../queue/outbox.js';
import type {Client} from './client.js';
import {wipe} from './instances.js';
import type {SyncEngine} from './sync-engine.js';

export async function answer(engine: SyncEngine, request: EngineRequest, signal: AbortSignal): Promise<unknown> {
  switch (request.do) {
    case 'init':
      if (request.format !== PORT_FORMAT) {
        throw new SyncError('version-mismatch', 'Page and worker are of two versions', {action: 'reload'});
      }
      return engine.init(request.config);
    case 'ping':
      return 'pong';
    case 'connect':
      await engine.connect();
      return connected(engine, await engine.keeper.client(), signal);
    case 'forceConnect':
      return engine.forceConnect();
    case 'disconnect':
      return engine.disconnect(request.graceful);
    case 'cleanup':
      return engine.close();
    case 'logout':
      return logout(engine, await engine.keeper.client(), request, signal);
    default:
      return ofPresentClient(engine, request, signal);
  }
}

type ClientRequest = Exclude<
  EngineRequest,
  {do: 'init' | 'ping' | 'connect' | 'forceConnect' | 'disconnect' | 'cleanup' | 'logout'}
>;

/** Another database may become the right one while a request waits: then it is asked there, where the work has moved to. */
async function ofPresentClient(engine: SyncEngine, request: ClientRequest, signal: AbortSignal): Promise<unknown> {
  for (;;) {
    const client = await engine.keeper.client();
    try {
      return await ofClient(engine, client, request, signal);
    } catch (error) {
      if (signal.aborted || !(await engine.keeper.hasLeft(client))) throw error;
    }
  }
}

function ofClient(engine: SyncEngine, client: Client, request: ClientRequest, signal: AbortSignal): unknown {
  const {queue, replica, outbox} = client;
  switch (request.do) {
    case 'get':
      return replica.get(request.type, request.entityId, () => client.overlay(request.type));
    case 'list':
      return replica.list(request.type, request.query, () => client.overlay(request.type));
    case 'count':
      return replica.count(request.type, request.query, () => client.overlay(request.type));
    case 'enqueue':
      return queue.enqueue(request.operation);
    case 'settled':
      return queue.settlements.wait(request.operation, outbox.find(request.operation)?.record, request.until, signal);
    case 'operations':
      return queue.operations(request.stage);
    case 'retry':
      return queue.retry(request.operation);
    case 'discard':
      return queue.discard(request.operation);
    case 'replace':
      return queue.replace(request.operation, request.by);
    case 'clearQueue':
      return queue.clear();
    case 'flush':
      return until(engine, signal, () => engine.pending === 0);
    case 'resync':
      return client.resync();
    case 'diagnostics':
      return diagnostics(engine, client);
  }
}

/** Resolves when the state passes the test, at once or later. */
function until(
  engine: SyncEngine,
  signal: AbortSignal,
  test: (state: SyncState | undefined) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (test(engine.state)) return resolve();
    const stop = engine.onState(state => {
      if (!test(state)) return;
      stop();
      resolve();
    });
    signal.addEventListener('abort', () => {
      stop();
      reject(new SyncError('cancelled', 'Nobody waits any more'));
    });
  });
}

/** True once the line is up; false if it was refused, or closed again meanwhile. */
async function connected(engine: SyncEngine, client: Client, signal: AbortSignal): Promise<boolean> {
  let tried = false;
  await until(engine, signal, () => {
    const {phase, needsAuth, error} = client.facts;
    tried ||= phase !== 'stopped' || error !== null;
    return phase === 'syncing' || phase === 'live' || needsAuth || (tried && phase === 'stopped');
  });
  return engine.state?.isConnected ?? false;
}

async function logout(
  engine: SyncEngine,
  client: Client,
  {unsent, wipe: wanted, timeout}: Extract<EngineRequest, {do: 'logout'}>,
  signal: AbortSignal,
): Promise<void> {
  if (unsent === 'flush') await flushWithin(engine, client, timeout, signal);
  await engine.disconnect(true);
  const keep = unsent === 'keep' && client.queue.facts().pending + client.queue.facts().failed > 0;
  client.queue.settlements.rejectAll(loggedOut());
  const forget = wanted && !keep;
  if (forget) await client.outbox.bury();
  else if (unsent === 'discard') await client.outbox.empty();
  if (wanted) await wipe(client.database);
  engine.want(false);
  await engine.keeper.leave(forget);
}

async function flushWithin(engine: SyncEngine, client: Client, timeout: number, signal: AbortSignal): Promise<void> {
  const limit = new AbortController();
  signal.addEventListener('abort', () => limit.abort());
  const cancel = engine.platform.clock.timer(timeout, () => limit.abort());
  try {
    await until(engine, limit.signal, () => client.queue.facts().pending === 0);
  } catch (cause) {
    const {pending} = client.queue.facts();
    throw new SyncError('unsent', `${pending} operations could not be sent in time; nothing was wiped`, {
      action: 'retry',
      cause,
    });
  } finally {
    cancel();
  }
}

function diagnostics(engine: SyncEngine, client: Client): unknown {
  return {
    state: engine.state,
    phase: client.facts.phase,
    history: engine.history,
    instance: client.instance.id,
    url: engine.config?.url,
    checkpoint: client.replica.checkpoint?.lsn ?? null,
    outbox: {lastSeq: client.outbox.lastSeq, settledFloor: client.queue.settledFloor},
  };
}
