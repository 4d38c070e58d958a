/**
 * Which local database is open: the one place that opens, changes and leaves one. It owns the directory and the present
 * client; whoever asks for the client while it changes waits for the next.
 */
import {CLIENT_STORES, instanceName} from '../database/database.js';
import {Directory, type Instance} from '../database/directory.js';
import type {Logger} from '../platform/logger.js';
import type {Platform, Remover} from '../platform/platform.js';
import {type EngineConfig, SyncError} from '../protocol/protocol.js';
import type {Client} from './client.js';
import type {TokenAnswer} from './credentials.js';
import {Identity} from './identity.js';
import {adoptWork, adoptWorkInto, carryWork, wipe} from './instances.js';

/** Milliseconds until what could not be opened is tried again. */
const RETRY = 1000;

export interface KeeperHooks {
  open(instance: Instance): Promise<Client>;
  /** Another database is open now. */
  changed(): void;
  /** What the page says when asked for a token. */
  token(): Promise<TokenAnswer>;
  /** Another tab's line was another person's: this one needs its own. */
  parted(): void;
  /** A newer version of this package has taken the databases over. */
  outdated(): void;
  /** The site's data was cleared under this tab: another database is opened, with the work that was in memory. */
  evicted(error: SyncError): void;
}

export class ClientKeeper {
  readonly #platform: Platform;
  readonly #config: EngineConfig;
  readonly #logger: Logger;
  readonly #hooks: KeeperHooks;
  readonly #identity: Identity | undefined;
  /** Resolves when the logout that is under way in this tab is over. */
  leaving: Promise<void> | undefined;
  #directory: Directory | undefined;
  #present: Client | undefined;
  /** Whose this tab's token is, as the server said; undefined where that was never asked. */
  #whose: string | undefined;
  /** Of the one that was present before. */
  #subject: string | null = null;
  #opening: Promise<unknown> = Promise.resolve();
  /** What is open was deleted. */
  #lost = false;
  /** What was open when its database vanished: its memory holds the work, until that is saved in another. */
  #vanished: Client | undefined;
  /** Whether the present one is the right one is to be found out. */
  #doubtful = false;
  #closed = false;
  #retry: Remover = () => {};

  constructor(platform: Platform, config: EngineConfig, logger: Logger, hooks: KeeperHooks) {
    this.#platform = platform;
    this.#config = config;
    this.#logger = logger;
    this.#hooks = hooks;
    const {hasToken, user, own, dialect, url} = config;
    // Whose a database of the user's own is, is the page's to know; another vocabulary may have no word for it.
    if (hasToken && user === undefined && !own && dialect === undefined)
      this.#identity = new Identity(platform, url, hooks.token);
  }

  /** Undefined while one is being opened. */
  get present(): Client | undefined {
    return this.#present;
  }

  /** Whose database is open, or was until another took its place; null: nobody's. */
  get subject(): string | null {
    return this.#present ? this.#present.subject : this.#subject;
  }

  /** @throws SyncError `closed`, or what kept the database from opening */
  async client(): Promise<Client> {
    await this.#opening.catch(() => {});
    // What kept it from opening may be over.
    if (!this.#present) await this.lookAgain();
    if (this.#closed || !this.#present) throw new SyncError('closed', 'The service was closed');
    return this.#present;
  }

  /** Whether another database has taken the place of this client's, once that is settled; false where all is closed. */
  async hasLeft(client: Client): Promise<boolean> {
    await this.#opening.catch(() => {});
    return !this.#closed && this.#present !== undefined && this.#present !== client;
  }

  /**
   * Takes the database of this client off the shelf (or leaves it there for its user) and opens a fresh one, in every tab.
   * Another tab may have done so meanwhile: what is open then has work that nobody has given up.
   */
  leave({instance: {id}, subject}: Client, wanted: boolean): Promise<void> {
    return this.#exclusively(async directory => {
      const old = this.#present;
      const isSame = old?.instance.id === id;
      if (!old || !(isSame || (subject !== null && old.subject === subject))) return;
      const forget = wanted && isSame;
      if (forget) await directory.forget(old.instance.id);
      else await directory.release(old.instance.id);
      // What is open is the right one no longer, also where no other can be opened now.
      this.#doubtful = true;
      old.tracker.announce({kind: 'moved', left: true});
      this.#whose = undefined;
      await this.#open(await directory.resolve(undefined, this.#config.clientId));
      this.#doubtful = false;
      if (forget) this.#remove(old.name);
    });
  }

  /** Opens the right database, at the start and when another tab has found that it is another one. */
  lookAgain(): Promise<void> {
    this.#doubtful = true;
    return this.#exclusively(async directory => {
      await this.#openRight(directory);
      this.#doubtful = false;
    });
  }

  /** Of the directory or the present database. */
  lost(reason: SyncError): void {
    if (reason.code === 'newer-version') return this.#hooks.outdated();
    if (reason.code === 'storage-evicted' && this.#present) {
      this.#vanished = this.#present;
      this.#hooks.evicted(reason);
    }
    this.#lost = true;
    void this.lookAgain();
  }

  /** The server verified this subject. False: the present database is another's, and theirs is being opened. */
  async claim(subject: string): Promise<boolean> {
    const client = this.#present;
    const directory = this.#directory;
    if (!client || !directory) return false;
    if (this.#config.hasToken) this.#whose = subject;
    const claim = await directory.claim(client.instance.id, subject);
    if (claim.kind === 'mine') {
      client.instance.subject = subject;
      const leftover = await directory.leftover(client.instance.id);
      if (leftover) void this.#exclusively(() => this.#adoptLeftover(leftover, client, directory));
      return true;
    }
    // Not awaited: this runs inside a connection that the opening will close.
    const moving = this.#exclusively(async () => {
      if (this.#present !== client) return;
      const unclaimed = claim.from.subject === null;
      if (unclaimed) {
        await adoptWorkInto(this.#platform, client.database, claim.instance).catch(async error => {
          if (error.code === 'logged-out') await this.#finishLogout(claim.instance, directory);
          throw error;
        });
        await directory.forget(claim.from.id);
      }
      client.tracker.announce({kind: 'moved'});
      await this.#open(claim.instance);
      if (unclaimed) this.#remove(client.name);
    });
    moving.catch(error => client.failed(SyncError.from(error)));
    return false;
  }

  /**
   * Another tab's line is open with a token of this name: if this page's is another person's, theirs is opened.
   * @param shown null: this tab has the line itself, and hears from the server who it is
   */
  async compare(shown: string | null): Promise<void> {
    if (shown === null) return this.#identity?.rest();
    const subject = await this.#identity?.of(shown, this.subject);
    if (subject === undefined || this.#closed) return;
    this.#whose = subject;
    if (this.#present?.subject === subject) return;
    this.#hooks.parted();
    await this.lookAgain().catch(() => {});
  }

  /** Another tab has left this database. @returns whether this tab leaves it too: not one that it knows to be its own */
  goesAlong(left: boolean): boolean {
    if (left) this.#whose = undefined;
    return this.#whose === undefined || this.#whose !== this.#present?.subject;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retry();
    this.#identity?.rest();
    await this.#opening.catch(() => {});
    await this.#present?.close();
    this.#directory?.close();
  }

  async #openRight(directory: Directory): Promise<void> {
    const {user, clientId} = this.#config;
    const subject = user === undefined ? (this.#whose ?? this.#vanished?.subject ?? null) : null;
    const instance = await (subject === null
      ? directory.resolve(user, clientId)
      : directory.restore(subject, clientId));
    const isRight = instance.id === this.#present?.instance.id && !this.#present.outbox.isBuried;
    if (this.#lost || !isRight) await this.#open(instance);
  }

  async #open(instance: Instance): Promise<void> {
    const old = this.#present;
    if (old) this.#subject = old.subject;
    this.#present = undefined;
    this.#lost = false;
    await old?.close();
    if (this.#closed) return;
    // What hung as it closed may have done so for long: the next one may have been taken off the shelf meanwhile.
    const directory = await this.#openDirectory();
    if (old && !(await directory.holds(instance.id))) return this.#openRight(directory);
    const client = await this.#hooks.open(instance);
    if (client.outbox.isBuried) {
      await client.close();
      return this.#openRight(await this.#finishLogout(instance, directory));
    }
    const work = this.#isFor(instance) ? this.#vanished : undefined;
    try {
      if (work) await carryWork(work.outbox, client.outbox);
    } catch (error) {
      await client.close();
      throw error;
    }
    if (work === this.#vanished) this.#vanished = undefined;
    this.#present = client;
    this.#hooks.changed();
  }

  /** Whether the work of what vanished may go there: it may have vanished while another user's database was being opened. */
  #isFor({subject}: Instance): boolean {
    const whose = this.#vanished?.subject ?? null;
    return whose === null || whose === subject || this.#config.user !== undefined;
  }

  /** One that was cut short is finished by whoever comes next. */
  async #finishLogout({id, subject}: Instance, directory: Directory): Promise<Directory> {
    const database = await this.#platform.storage.open(instanceName(id), CLIENT_STORES);
    await wipe(database).finally(() => database.close());
    if (subject === this.#whose) this.#whose = undefined;
    await directory.forget(id);
    this.#remove(instanceName(id));
    return directory;
  }

  /** What a start offline left, whose adoption was cut short. */
  async #adoptLeftover(leftover: Instance, client: Client, directory: Directory): Promise<void> {
    if (this.#present !== client) return;
    const from = await this.#platform.storage.open(instanceName(leftover.id), CLIENT_STORES);
    try {
      // By its own outbox, so that no moment passes in which what lies there is not counted.
      await adoptWork(from, client.outbox);
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
    this.#retry();
    const result = this.#opening
      .catch(() => {})
      .then(async () => {
        if (!this.#closed) await work(await this.#openDirectory());
      });
    this.#opening = result;
    result.catch(error => {
      this.#logger.error(`Opening the local database failed: ${SyncError.from(error).message}`);
      this.#retry();
      if ((this.#present && !this.#doubtful) || this.#closed) return;
      this.#retry = this.#platform.clock.timer(RETRY, () => void this.lookAgain());
    });
    return result;
  }

  async #openDirectory(): Promise<Directory> {
    const {storage, random} = this.#platform;
    const {url, database} = this.#config;
    if (this.#lost) this.#directory?.close();
    if (this.#lost) this.#directory = undefined;
    this.#directory ??= await Directory.open(storage, url, database, random.uuid, reason => this.lost(reason));
    return this.#directory;
  }
}
