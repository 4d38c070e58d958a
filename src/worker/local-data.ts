/** What a tab has of one local database: the operations, the rows, and the mirror that says when to read them again. */
import {Compaction} from '../database/compaction.js';
import type {Checkpoint, ClientStore, Commits, Rows} from '../database/database.js';
import {Directory, type Instance} from '../database/directory.js';
import {Journal} from '../database/journal.js';
import {OwnJournal} from '../database/own-journal.js';
import {OwnRows} from '../database/own-rows.js';
import {Replica} from '../database/replica.js';
import type {StorageDatabase} from '../platform/storage.js';
import type {ErrorRecord, SyncError} from '../protocol/protocol.js';
import {OperationQueue} from '../queue/operation-queue.js';
import {Outbox} from '../queue/outbox.js';
import {Settlements} from '../queue/settlements.js';
import {wipe} from './instances.js';
import {Mirror} from './mirror.js';
import {within} from './within.js';
import type {ClientContext} from './worker.js';

/** For so long, in milliseconds, the outbox is left unread: on one thread the two would only hold each other up. */
const GREETING_LIMIT = 250;

export interface LocalData {
  outbox: Outbox;
  queue: OperationQueue;
  replica: Rows;
  mirror: Mirror;
  /**
   * Reads what other tabs wrote before this one led, and ends what the last one began: it may have died at any point.
   * @param connects a greeting is about to be made, and comes first: `greets` says that it goes out
   * @param over aborts when this tab leads no more
   */
  takeOver(
    checkpoint: Checkpoint | undefined,
    connects: boolean,
    over: AbortSignal,
  ): {caughtUp: Promise<void>; greets: () => void};
  /** What this tab writes to while it leads, and what keeps that small. */
  journal(): {journal: Commits; compaction: Compaction | undefined};
  /** Nothing of the rows is left; operations apart. @throws SyncError `no-clear` */
  wipe(): Promise<void>;
}

export interface DataHooks {
  /** This tab wrote these records of the outbox. */
  queued(seqs: readonly number[]): void;
  /** Rows were found damaged. */
  damaged(error: SyncError): void;
  failed(error: ErrorRecord): void;
}

export function localData(
  context: ClientContext,
  instance: Instance,
  database: StorageDatabase<ClientStore>,
  own: DataHooks,
): LocalData {
  const {platform, config, hooks} = context;
  const settlements = new Settlements({
    applied: detail => hooks.event({name: 'operation_complete', detail}),
    failed: (id, error) => hooks.event({name: 'operation_error', detail: {id, error: error.toRecord()}}),
  });
  const outbox = new Outbox(database, (seq, after, before) => {
    settlements.observe(seq, after, before);
    const type = after?.entityType ?? before?.entityType;
    if (type !== undefined) hooks.touched([type]);
    hooks.changed();
  });
  const rows = config.own ? ownRows(context, instance, database) : embeddedRows(context, database, own.damaged);
  const queue = new OperationQueue(outbox, settlements, platform.clock, config.limits, {changed: own.queued});
  const mirror = new Mirror(outbox, rows.replica, platform.clock, {
    changed: hooks.changed,
    touched: () => hooks.touched(null),
    moved: () => hooks.moved(true),
    failed: own.failed,
    blocked: error => {
      context.logger.error(`${error.code}: ${error.message}`);
      hooks.event({name: 'error', detail: error});
      hooks.changed();
    },
  });
  return {
    outbox,
    queue,
    mirror,
    takeOver(checkpoint, connects, over) {
      const greeting = Promise.withResolvers<void>();
      if (!connects) greeting.resolve();
      over.addEventListener('abort', () => greeting.resolve());
      const caughtUp = within(platform.clock, GREETING_LIMIT, greeting.promise).then(async () => {
        // The turn is over, and nobody goes on behind this.
        if (over.aborted) return new Promise<never>(() => {});
        await mirror.catchUp();
        mirror.trouble = null;
        // Between the rows and their operations, too.
        if (checkpoint) await queue.reached(checkpoint);
      });
      return {caughtUp, greets: greeting.resolve};
    },
    ...rows,
  };
}

type RowData = Pick<LocalData, 'replica' | 'journal' | 'wipe'>;

function embeddedRows(
  {config, platform: {clock}}: ClientContext,
  database: StorageDatabase<ClientStore>,
  damaged: DataHooks['damaged'],
): RowData {
  const {limits, indexes} = config;
  const replica = new Replica(database, {cacheBytes: limits.rowCacheBytes, clock, indexes, damaged});
  return {
    replica,
    journal: () => {
      const journal = new Journal(database);
      return {journal, compaction: new Compaction(journal, replica, limits.journalSlack, clock)};
    },
    wipe: () => wipe(database),
  };
}

function ownRows(
  {hooks, config, platform}: ClientContext,
  {id}: Instance,
  database: StorageDatabase<ClientStore>,
): RowData {
  const inDirectory = async <T>(work: (directory: Directory) => Promise<T>): Promise<T> => {
    const directory = await Directory.open(platform.storage, config.url, config.database, platform.random.uuid);
    return work(directory).finally(() => directory.close());
  };
  const holding = {
    place: JSON.stringify([config.url, config.database]),
    isOurs: () => inDirectory(async directory => (await directory.holder()) === id),
    take: () => inDirectory(directory => directory.hold(id)),
  };
  return {
    replica: new OwnRows(database, id, hooks.database),
    journal: () => ({
      journal: new OwnJournal(new Journal(database), id, hooks.database, holding),
      compaction: undefined,
    }),
    wipe: async () => {
      // Whoever has left rows there goes on from nothing.
      await inDirectory(directory => directory.hold(null));
      // Our notes first: cut short behind it, whoever leads meanwhile finds its fence gone and does not go on from rows that are.
      await wipe(database);
      await hooks.database({do: 'clear'});
    },
  };
}
