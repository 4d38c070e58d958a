/** One browser profile: a disk, locks, channels, clocks and a network that its tabs share, and who is logged in to it. */

import type {Cross} from './crossings.js';
import type {Dice} from './dice.js';
import {Disk} from './disk.js';
import type {Ledger} from './ledger.js';
import type {Link} from './network.js';
import type {Oracle} from './oracle.js';
import {Channels, Locks} from './origin.js';
import {type OwnCommit, type OwnKind, OwnStore} from './own-store.js';
import type {Sabotage} from './sabotage.js';
import type {SimulatedServer} from './server.js';
import type {Tab} from './tab.js';
import type {Trace} from './trace.js';
import type {Process, VirtualTime} from './virtual-time.js';
import type {Wants} from './wishes.js';

/** What all parts of one run share. */
export interface Surroundings {
  time: VirtualTime;
  random: Dice;
  trace: Trace;
  ledger: Ledger;
  oracle: Oracle;
  server: SimulatedServer;
  sabotage: Sabotage;
  cross: Cross;
  /** Whether pages wait for what becomes of what they queue. */
  patient: boolean;
  /** Whether clients must show a token. */
  auth: boolean;
  /** What databases of their own the users have; undefined: the embedded replica. */
  own: OwnKind | undefined;
  /** Bytes of data that may be on their way to a tab; undefined: 1 MiB. */
  window: number | undefined;
  token(profile: Profile): string | undefined;
  /** A tab stands still for so many milliseconds. */
  freeze(tab: Tab, ms: number): void;
  /** What the n-th tab wants. */
  wishes(tab: number): Wants;
  fail(error: unknown): void;
}

export class Profile {
  readonly name: string;
  readonly disk: Disk;
  readonly locks: Locks;
  readonly channels: Channels;
  /** The user's own database, in place of the embedded replica. */
  readonly own: OwnStore | undefined;
  readonly world: Surroundings;
  readonly tabs: Tab[] = [];
  links: Link[] = [];
  /** How often a tab has dialled. */
  dials = 0;
  /** Bytes a millisecond that come down to it; undefined: as fast as may be. */
  bandwidth: number | undefined;
  /** What becomes of those who dial. */
  reach: 'up' | 'refused' | 'silent' = 'up';
  online = true;
  /** Milliseconds by which its clocks are off: a person set the one, a sleep moved it or both. */
  wallOffset = 0;
  runningOffset = 0;
  /** Whether a page has asked for a connection. */
  wanted = false;
  /** Who is logged in; undefined: nobody, or nobody needs to. */
  user: string | undefined;
  /** A logout is under way. */
  isLeaving = false;
  /** Whose rows a page may be shown. */
  readonly readable = new Set<string>();
  readonly #networkListeners = new Set<{tab: Process; listener: (online: boolean) => void}>();

  /** @param copied the profile of which this one is a copy, made just now */
  constructor(name: string, world: Surroundings, copied?: Profile) {
    this.name = name;
    this.world = world;
    this.locks = new Locks(world.time, world.random);
    this.channels = new Channels(world.time, world.random);
    this.user = copied?.user;
    for (const user of copied?.readable ?? []) this.readable.add(user);
    this.disk = new Disk(commit => {
      const stores = [...commit.after].filter(([store, data]) => commit.before.get(store) !== data);
      world.trace.add(commit.by, `commit ${stores.map(([store, data]) => `${store}:${data.rows.size}`).join(' ')}`);
      try {
        world.ledger.observe(name, commit, this.disk.all());
      } catch (error) {
        world.fail(error);
      }
    }, copied?.disk);
    this.own = world.own && this.#open(world.own, copied?.own);
    if (copied) world.ledger.copied(copied.name, name);
  }

  #open(kind: OwnKind, copied: OwnStore | undefined): OwnStore {
    const {ledger, trace, fail} = this.world;
    const observe = (commit: OwnCommit) => {
      const {rows, checkpoint} = commit.after;
      const {at, stage, epoch} = checkpoint ?? {};
      ledger.history.lookAtOwn(`${this.name} own`, rows);
      trace.add(
        commit.by,
        `own commit of ${rows.size} rows, epoch ${epoch}, ${at ? 'at' : 'stage'} ${(at ?? stage)?.lsn}`,
      );
      try {
        ledger.own.observe(this.name, commit, this.locks.holds(commit.by, '/database'));
      } catch (error) {
        fail(error);
      }
    };
    return new OwnStore(kind, observe, copied);
  }

  /** Nobody can write while the disk is full. */
  fill(full: boolean): void {
    this.disk.full = full;
    if (this.own) this.own.full = full;
  }

  logIn(user: string): void {
    this.user = user;
    this.readable.add(user);
  }

  /** What the browser says, true or not. */
  say(online: boolean): void {
    this.online = online;
    for (const {tab, listener} of this.#networkListeners) this.world.time.at(0, tab, () => listener(online));
  }

  /** Returns the remover, which says whether there was anything to remove. */
  listen(tab: Process, listener: (online: boolean) => void): () => boolean {
    const entry = {tab, listener};
    this.#networkListeners.add(entry);
    return () => this.#networkListeners.delete(entry);
  }

  /** The browser takes back what a tab held. */
  bury(tab: Process): void {
    tab.alive = false;
    this.locks.release(tab);
    this.own?.release(tab);
    for (const link of this.links) if (link.tab === tab) link.tabDied();
  }

  openLinks(tab?: Process): Link[] {
    this.links = this.links.filter(link => !link.isOver);
    return this.links.filter(link => !link.clientClosed && (!tab || link.tab === tab));
  }
}
