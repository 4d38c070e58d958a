/** One browser profile: a disk, locks, channels and a network that its tabs share, and how each of these can break. */
import type {NetworkPort, Platform, SocketPort} from '../../src/platform/platform.js';
import type {Dice} from './dice.js';
import {Disk} from './disk.js';
import type {Ledger} from './ledger.js';
import {Link} from './network.js';
import {Channels, Locks} from './origin.js';
import type {Sabotage} from './sabotage.js';
import type {SimulatedServer} from './server.js';
import {simulatedStorage} from './storage.js';
import type {Tab} from './tab.js';
import type {Trace} from './trace.js';
import type {Process, VirtualTime} from './virtual-time.js';

/** What all parts of one run share. */
export interface Surroundings {
  time: VirtualTime;
  random: Dice;
  trace: Trace;
  ledger: Ledger;
  server: SimulatedServer;
  sabotage: Sabotage;
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
  /** What becomes of those who dial. */
  reach: 'up' | 'refused' | 'silent' = 'up';
  online = true;
  clockOffset = 0;
  /** Whether a page has asked for a connection. */
  wanted = false;
  readonly #networkListeners = new Set<{tab: Process; listener: (online: boolean) => void}>();

  constructor(name: string, world: Surroundings) {
    this.name = name;
    this.world = world;
    this.locks = new Locks(world.time, world.random);
    this.channels = new Channels(world.time, world.random);
    this.disk = new Disk(commit => {
      const stores = [...commit.after].filter(([store, data]) => commit.before.get(store) !== data);
      world.trace.add(commit.by, `commit ${stores.map(([store, data]) => `${store}:${data.rows.size}`).join(' ')}`);
      try {
        world.ledger.observe(name, commit);
      } catch (error) {
        world.fail(error);
      }
    });
  }

  platform(tab: Process, openTransactions: Set<string>, crash: () => void): Platform {
    const {time, random, sabotage} = this.world;
    const storage = simulatedStorage({time, random, disk: this.disk, tab, crash, open: openTransactions});
    return {
      clock: {
        now: () => Math.round(time.now + this.clockOffset),
        monotonic: () => time.elapsed,
        timer: (ms, fire) => time.at(ms, tab, fire),
      },
      random: {fraction: random.fraction, uuid: random.uuid},
      sockets: this.#sockets(tab),
      storage: sabotage.storage?.(storage) ?? storage,
      locks: this.locks.port(tab),
      channels: this.channels.port(tab),
      network: this.#network(tab),
      estimate: async () => null,
    };
  }

  /** What the browser says, true or not. */
  say(online: boolean): void {
    this.online = online;
    for (const {tab, listener} of this.#networkListeners) this.world.time.at(0, tab, () => listener(online));
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

  #network(tab: Process): NetworkPort {
    return {
      online: () => this.online,
      subscribe: listener => {
        const entry = {tab, listener};
        this.#networkListeners.add(entry);
        return () => this.#networkListeners.delete(entry);
      },
    };
  }

  #sockets(tab: Process): SocketPort {
    return {
      connect: (_url, handlers) => {
        const {time, random, server} = this.world;
        const run = server.process ?? {name: 'nobody', alive: false, frozen: false};
        const traced = {
          ...handlers,
          message: (text: string) => {
            this.world.trace.add(tab.name, `◄ ${text}`);
            handlers.message(text);
          },
          close: (code: number, reason: string) => {
            this.world.trace.add(tab.name, `◄ closed ${code} ${reason}`);
            handlers.close(code, reason);
          },
        };
        const link = new Link(time, random, tab, run, traced);
        this.links.push(link);
        const refused = () => time.at(random.fraction() * 500, tab, () => link.endClient(1006, ''));
        if (this.reach === 'refused' || (this.reach === 'up' && !run.alive)) refused();
        else if (this.reach === 'up') {
          time.at(10 + random.fraction() * 60, run, () => {
            server.accept(link);
            time.at(10 + random.fraction() * 60, tab, () => link.open());
          });
          // The server may die before it takes the call.
          time.at(1000, tab, () => {
            if (!link.serverHandlers) refused();
          });
        }
        const socket = link.clientSocket();
        return {
          send: text => {
            this.world.trace.add(tab.name, `► ${text}`);
            socket.send(text);
          },
          close: (code, reason) => {
            this.world.trace.add(tab.name, `► close ${code} ${reason}`);
            socket.close(code, reason);
          },
          get bufferedAmount() {
            return socket.bufferedAmount;
          },
        };
      },
    };
  }
}
