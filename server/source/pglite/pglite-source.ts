/**
 * A Postgres in the process (PGlite) as a source: for development, demos and tests. Row triggers record changes in a
 * log of our own, since logical decoding does not work there; NOTIFY tells of commits, whoever made them.
 */
import {setImmediate as turn} from 'node:timers/promises';
import {loadPeer} from '../../optional-peer.js';
import type {SourceTransaction} from '../change-source.js';
import type {Publication} from '../publication.js';
import {CHANNEL} from '../sql/schema.js';
import type {SqlDatabase} from '../sql/sql.js';
import {SqlSource} from '../sql/sql-source.js';
import {lockFolder} from './lock-file.js';
import {hear} from './told.js';

/** What the source uses of a PGlite, so that its types need not be installed. */
export interface PGliteLike extends SqlDatabase {
  /** Resolves to the remover. */
  listen(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface PGliteSourceOptions {
  /** Folder of the database; without one it lives in memory. */
  dataDir?: string;
  /** A PGlite of your own instead, which you open and close. */
  pglite?: PGliteLike;
  logger?: {info(message: string): void};
}

export class PGliteSource extends SqlSource {
  protected readonly writers = 'one';
  readonly #options: PGliteSourceOptions;
  #opening: Promise<PGliteLike> | undefined;
  #release: (() => Promise<void>) | undefined;
  #unlisten: (() => Promise<void>) | undefined;

  constructor(options: PGliteSourceOptions = {}) {
    super();
    this.#options = options;
  }

  async start(publication: Publication): Promise<void> {
    const pg = await this.database();
    await this.install(publication);
    await this.#unlisten?.();
    this.recent.clear();
    this.#unlisten = await pg.listen(CHANNEL, payload => this.#committed(payload));
    await this.refresh(pg);
  }

  override async stop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    await super.stop();
    await this.#unlisten?.();
    this.#unlisten = undefined;
    if (opening && !this.#options.pglite) await (await opening).close();
    await this.#release?.();
    this.#release = undefined;
  }

  override async transaction<T>(run: (tx: SourceTransaction) => Promise<T>): Promise<T> {
    try {
      return await super.transaction(run);
    } finally {
      // It answers in microtasks: without a turn, nobody would be heard until the last of a client's operations is done.
      await turn();
    }
  }

  protected database(): Promise<PGliteLike> {
    this.#opening ??= this.#create();
    return this.#opening;
  }

  async #create(): Promise<PGliteLike> {
    const {pglite, dataDir, logger} = this.#options;
    if (pglite) return pglite;
    const {PGlite} = await loadPeer('@electric-sql/pglite', () => import('@electric-sql/pglite'));
    if (dataDir === undefined) return PGlite.create();
    this.#release = await lockFolder(dataDir);
    try {
      const pg = await PGlite.create(dataDir);
      logger?.info(
        `PGlite is for development: it runs without fsync, so what is committed in ${dataDir} survives a killed process but not always a power cut`,
      );
      return pg;
    } catch (cause) {
      await this.#release();
      this.#release = undefined;
      throw cause;
    }
  }

  /** A payload of our NOTIFY. PGlite delivers it after the commit, also for SQL that the host runs itself. */
  #committed(payload: string): void {
    const head = hear(payload, this.recent, this.tables);
    if (!head || !this.advance(head)) return;
    // Once the rest of its payloads has come: their microtasks stand in the queue already.
    queueMicrotask(() => this.announce('commit'));
  }
}
