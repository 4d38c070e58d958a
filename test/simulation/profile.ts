/** One browser profile: a disk, locks, channels, clocks and a network that its tabs share, and who is logged in to it. */

import type {Cross} from './crossings.js';
import type {Dice} from './dice.js';
import {Disk} from './disk.js';
import type {Ledger} from './ledger.js';
import type {Link} from './network.js';
import type {Oracle} from './oracle.js';
import {Channels, Locks} from './origin.js';
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
  token(profile: Profile): string | undefined;
  /** What the n-th tab wants. */
  wishes(tab: number): Wants;
  fail(error: unknown): void;
}

export class Profile {
  readonly name: string;
  readonly disk: Disk;
  readonly locks: Locks;
  readonly channels: Channels;
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
    if (copied) world.ledger.copied(copied.name, name);
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
    for (const link of this.links) if (link.tab === tab) link.tabDied();
  }

  openLinks(tab?: Process): Link[] {
    this.links = this.links.filter(link => !link.isOver);
    return this.links.filter(link => !link.clientClosed && (!tab || link.tab === tab));
  }
}
