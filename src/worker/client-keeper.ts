/**
 * Which local database is open: the one place that opens, changes and leaves one. It owns the directory and the present
 * client; whoever asks for the client while it changes waits for the next.
 */
import {CLIENT_STORES, instanceName} from '../database/database.js';
import {Directory, type Instance} from '../database/directory.js';
import type {Logger} from '../platform/logger.js';
import type {Platform} from '../platform/platform.js';
import {type EngineConfig, SyncError} from '../protocol/protocol.js';
import type {Client} from './client.js';
import {adoptWork, wipe} from './instances.js';

export interface KeeperHooks {
  open(instance: Instance): Promise<Client>;
  /** Another database is open now. */
  changed(): void;
  /** A newer version of this package has taken the databases over. */
  outdated(): void;
}

export class ClientKeeper {
  readonly #platform: Platform;
  readonly #config: EngineConfig;
  readonly #logger: Logger;
  readonly #hooks: KeeperHooks;
  #directory: Directory | undefined;
  #present: Client | undefined;
  #opening: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(platform: Platform, config: EngineConfig, logger: Logger, hooks: KeeperHooks) {
    this.#platform = platform;
    this.#config = config;
    this.#logger = logger;
    this.#hooks = hooks;
  }

  /** Undefined while one is being opened. */
  get present(): Client | undefined {
    return this.#present;
  }

  /** @throws SyncError `closed`, or what kept the database from opening */
  async client(): Promise<Client> {
    await this.#opening;
    if (this.#closed || !this.#present) throw new SyncError('closed', 'The service was closed');
    return this.#present;
  }

  /** Whether another database has taken the place of this client's, once that is settled; false where all is closed. */
  async hasLeft(client: Client): Promise<boolean> {
    await this.#opening.catch(() => {});
    return !this.#closed && this.#present !== undefined && this.#present !== client;
  }

  start(): Promise<void> {
    return this.#exclusively(async () => {
      const {url, database} = this.#config;
      const {storage, random} = this.#platform;
      this.#directory = await Directory.open(storage, url, database, random.uuid, () => this.#hooks.outdated());
      await this.#openRight(this.#directory);
    });
  }

  /** Takes the present database off the shelf (or leaves it there for its user) and opens a fresh one, in every tab. */
  leave(forget: boolean): Promise<void> {
    return this.#exclusively(async directory => {
      const old = this.#present;
      if (!old) return;
      if (forget) await directory.forget(old.instance.id);
      else await directory.release(old.instance.id);
      old.tracker.announce({kind: 'moved'});
      await this.#open(await directory.resolve(undefined, this.#config.clientId));
      if (forget) this.#remove(old.name);
    });
  }

  /** Another tab has found another database to be the right one: looks again. */
  lookAgain(): Promise<void> {
    return this.#exclusively(directory => this.#openRight(directory));
  }

  /** The server verified this subject. False: the present database is another's, and theirs is being opened. */
  async claim(subject: string): Promise<boolean> {
    const client = this.#present;
    const directory = this.#directory;
    if (!client || !directory) return false;
    const claim = await directory.claim(client.instance.id, subject);
    if (claim.kind === 'mine') {
      const leftover = await directory.leftover(client.instance.id);
      if (leftover) void this.#exclusively(() => this.#adoptLeftover(leftover, client, directory));
      return true;
    }
    // Not awaited: this runs inside a connection that the opening will close.
    void this.#exclusively(async () => {
      if (this.#present !== client) return;
      const unclaimed = claim.from.subject === null;
      if (unclaimed) {
        await adoptWork(this.#platform, client.database, claim.instance);
        await directory.forget(claim.from.id);
      }
      client.tracker.announce({kind: 'moved'});
      await this.#open(claim.instance);
      if (unclaimed) this.#remove(client.name);
    });
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening.catch(() => {});
    await this.#present?.close();
    this.#directory?.close();
  }

  async #openRight(directory: Directory): Promise<void> {
    const instance = await directory.resolve(this.#config.user, this.#config.clientId);
    if (instance.id !== this.#present?.instance.id) await this.#open(instance);
  }

  async #open(instance: Instance): Promise<void> {
    const old = this.#present;
    this.#present = undefined;
    await old?.close();
    if (this.#closed) return;
    const client = await this.#hooks.open(instance);
    // A logout that was cut short is finished by whoever comes next.
    if (client.outbox.isBuried && this.#directory) {
      await wipe(client.database);
      await this.#directory.forget(instance.id);
      await client.close();
      this.#remove(client.name);
      return this.#openRight(this.#directory);
    }
    this.#present = client;
    this.#hooks.changed();
  }

  /** What a start offline left, whose adoption was cut short. */
  async #adoptLeftover(leftover: Instance, client: Client, directory: Directory): Promise<void> {
    if (this.#present !== client) return;
    const from = await this.#platform.storage.open(instanceName(leftover.id), CLIENT_STORES);
    try {
      await adoptWork(this.#platform, from, client.instance);
    } finally {
      from.close();
    }
    await directory.forget(leftover.id);
    await client.takeIn();
    this.#remove(instanceName(leftover.id));
  }

  /** Deletes a database that is off the shelf, once no tab has it open. */
  #remove(name: string): void {
    this.#platform.storage.remove(name).catch(error => this.#logger.warn(SyncError.from(error).message));
  }

  #exclusively(work: (directory: Directory) => Promise<void>): Promise<void> {
    // Before `start` has run there is no directory, and nothing but `start` to do.
    const result = this.#opening.catch(() => {}).then(() => work(this.#directory as Directory));
    this.#opening = result;
    result.catch(error => this.#logger.error(`Opening the local database failed: ${SyncError.from(error).message}`));
    return result;
  }
}
