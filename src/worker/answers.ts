/** What the engine answers to each request of the page. */

import {LEASE} from '../database/lease.js';
import {noClear} from '../database/own-reader.js';
import {
  cancellation,
  compareLsn,
  type EngineRequest,
  type Lsn,
  PORT_FORMAT,
  SyncError,
  type SyncState,
} from '../protocol/protocol.js';
import type {OperationQueue} from '../queue/operation-queue.js';
import {loggedOut} from '../queue/outbox.js';
import {pause} from '../tracker/waits.js';
import type {Client} from './client.js';
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
      await engine.keeper.leaving;
      await engine.connect('connect');
      return connected(engine, signal);
    case 'forceConnect':
      await engine.keeper.leaving;
      return engine.connect('forceConnect');
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

type Logout = Extract<EngineRequest, {do: 'logout'}>;

/** What is said of one user's work is nothing to be done in another one's database. */
const OF_WORK = new Set<ClientRequest['do']>(['enqueue', 'settled', 'retry', 'discard', 'replace', 'clearQueue']);

/** Another database may become the right one while a request waits: then it is asked there, where the work has moved to. */
async function ofPresentClient(engine: SyncEngine, request: ClientRequest, signal: AbortSignal): Promise<unknown> {
  for (let {subject} = engine.keeper; ; ) {
    const client = await engine.keeper.client();
    if (subject !== null && client.subject !== subject && OF_WORK.has(request.do)) throw loggedOut();
    subject = client.subject;
    try {
      return await ofClient(engine, client, request, signal);
    } catch (error) {
      if (signal.aborted || !(await engine.keeper.hasLeft(client))) throw error;
    }
  }
}

function ofClient(engine: SyncEngine, client: Client, request: ClientRequest, signal: AbortSignal): unknown {
  const {queue, replica} = client;
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
      return queue.settled(request.operation, request.until, signal);
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
function until(engine: SyncEngine, signal: AbortSignal, test: (state?: SyncState) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    if (test(engine.state)) return resolve();
    const stop = engine.onState(state => {
      if (!test(state)) return;
      stop();
      resolve();
    });
    signal.addEventListener('abort', () => {
      stop();
      reject(cancellation(signal));
    });
  });
}

/** True once the line is up; false if it was refused, or closed again meanwhile. */
async function connected(engine: SyncEngine, signal: AbortSignal): Promise<boolean> {
  let tried = false;
  await until(engine, signal, () => {
    const facts = engine.keeper.present?.facts;
    // None while another database is being opened, where it goes on.
    if (!facts) return false;
    const {phase, needsAuth, error} = facts;
    tried ||= phase !== 'stopped' || error !== null;
    return phase === 'syncing' || phase === 'live' || needsAuth || (tried && phase === 'stopped');
  });
  return engine.state?.isConnected ?? false;
}

async function logout(engine: SyncEngine, client: Client, request: Logout, signal: AbortSignal): Promise<void> {
  const {wipe: wanted} = request;
  const {own} = engine.config ?? {};
  if (wanted && own && !own.clears) throw noClear();
  const forget = await settleWork(engine, client, request, signal);
  // Nobody's database: another tab may have signed somebody in meanwhile, and it is theirs that is to be left.
  if (client.instance.subject === null) {
    await engine.keeper.lookAgain();
    const present = await engine.keeper.client();
    if (present !== client) return logout(engine, present, request, signal);
  }
  const {keeper} = engine;
  const leaving = leave(engine, client, forget, wanted, signal);
  const over = () => {
    keeper.leaving = undefined;
  };
  keeper.leaving = leaving.then(over, over);
  return leaving;
}

/** Nothing holds it up but storage. Whoever asks for the line meanwhile asks for it behind this. */
async function leave(engine: SyncEngine, client: Client, forget: boolean, wipes: boolean, signal: AbortSignal) {
  client.queue.settlements.rejectAll(loggedOut());
  await engine.disconnect(true);
  if (wipes) await client.data.wipe();
  engine.want(false);
  await engine.keeper.leave(client, forget);
  // Other tabs may answer so long from what they remember.
  if (wipes) await pause(engine.platform.clock, LEASE, signal);
}

/**
 * Sends, keeps or drops the work, and shuts the door on later writes while there is nothing left to lose: what another tab
 * wrote in the meantime is seen there, in one transaction, and the work is looked at again.
 * @returns whether nothing of this user stays
 */
async function settleWork(
  engine: SyncEngine,
  {queue, outbox}: Client,
  {unsent, wipe, timeout}: Logout,
  signal: AbortSignal,
): Promise<boolean> {
  const {clock} = engine.platform;
  const until = clock.monotonic() + timeout;
  for (;;) {
    if (unsent === 'flush') await flushWithin(engine, queue, Math.max(0, until - clock.monotonic()), signal);
    const {pending, failed} = queue.facts();
    if (unsent === 'keep' && pending + failed > 0) return false;
    if (!wipe) {
      if (unsent === 'discard') await outbox.empty();
      return false;
    }
    if (await outbox.bury(unsent === 'discard' ? undefined : outbox.lastSeq)) return true;
    await outbox.load();
  }
}

async function flushWithin(engine: SyncEngine, queue: OperationQueue, timeout: number, signal: AbortSignal) {
  const limit = new AbortController();
  signal.addEventListener('abort', () => limit.abort());
  const cancel = engine.platform.clock.timer(timeout, () => limit.abort());
  try {
    await until(engine, limit.signal, () => queue.facts().pending === 0);
  } catch (cause) {
    if (signal.aborted) throw cancellation(signal);
    const {pending} = queue.facts();
    throw new SyncError('unsent', `${pending} operations could not be sent in time; nothing was wiped`, {
      action: 'retry',
      cause,
    });
  } finally {
    cancel();
  }
  const {failed} = queue.facts();
  if (failed > 0) {
    throw new SyncError('unsent', `${failed} refused operations wait for a decision; nothing was wiped`, {
      action: 'review',
    });
  }
}

function diagnostics(engine: SyncEngine, client: Client): unknown {
  const checkpoint = client.replica.checkpoint?.lsn ?? null;
  const {phase, headLSN} = client.facts;
  return {
    state: engine.state,
    phase,
    history: engine.history,
    instance: client.instance.id,
    url: engine.config?.url,
    limits: engine.config?.limits,
    checkpoint,
    head: headOf(checkpoint, headLSN),
    outbox: {lastSeq: client.outbox.lastSeq, settledFloor: client.queue.settledFloor},
  };
}

/** What has come since the greeting is the head as well. */
function headOf(checkpoint: Lsn | null, greeted: Lsn | ''): Lsn | null {
  return greeted && checkpoint && compareLsn(checkpoint, greeted) > 0 ? checkpoint : greeted || null;
}
