/** What the tabs of a profile share besides the disk: Web Locks and BroadcastChannels. */
import type {ChannelPort, LockMode, LockPort} from '../../src/platform/platform.js';
import type {Dice} from './dice.js';
import type {Process, VirtualTime} from './virtual-time.js';

interface Waiting {
  tab: Process;
  grant: () => void;
  /** Fires, once the tab runs again, when somebody took the lock away. */
  lost: AbortController;
}

interface Lock {
  holder: Waiting | undefined;
  queue: Waiting[];
}

/** Locks are the browser's own: a tab that dies loses them, a frozen one keeps them, unless somebody steals. */
export class Locks {
  /** How often a lock was stolen. */
  steals = 0;
  readonly #time: VirtualTime;
  readonly #random: Dice;
  readonly #locks = new Map<string, Lock>();

  constructor(time: VirtualTime, random: Dice) {
    this.#time = time;
    this.#random = random;
  }

  port(tab: Process): LockPort {
    return {
      request: (name, signal, hold, mode = 'wait') => this.#request({tab, name, signal, hold, mode}),
      held: prefix =>
        new Promise(resolve => {
          this.#time.at(1, tab, () => resolve(this.#held(name => name.startsWith(prefix))));
        }),
    };
  }

  /** Names of the locks that a tab holds or waits for. */
  of(tab: Process): string[] {
    return [...this.#locks]
      .filter(([, {holder, queue}]) => [holder, ...queue].some(each => each?.tab === tab))
      .map(([name]) => name);
  }

  /** Whether a tab holds a lock whose name ends so. */
  holds(tab: string, which: string): boolean {
    return this.#held((name, {holder}) => name.endsWith(which) && holder?.tab.name === tab).length > 0;
  }

  /** Takes all from a tab: it died, or the browser made a mistake that only the fence can mend. */
  release(tab: Process, which = ''): void {
    for (const [name, lock] of this.#locks) {
      if (!name.endsWith(which)) continue;
      if (!tab.alive) lock.queue = lock.queue.filter(waiting => waiting.tab !== tab);
      if (lock.holder?.tab === tab) lock.holder = undefined;
      this.#next(lock);
    }
  }

  #held(test: (name: string, lock: Lock) => boolean): string[] {
    return [...this.#locks].filter(([name, lock]) => lock.holder && test(name, lock)).map(([name]) => name);
  }

  #request({tab, name, signal, hold, mode}: LockRequest): Promise<boolean> {
    if (!tab.alive) return new Promise(() => {});
    const lock = this.#locks.get(name) ?? {holder: undefined, queue: []};
    this.#locks.set(name, lock);
    return new Promise((resolve, reject) => {
      if (mode === 'wait' && signal.aborted) return reject(new DOMException('Aborted', 'AbortError'));
      if (mode === 'if-free' && (lock.holder || lock.queue.length > 0)) {
        this.#time.at(1, tab, () => resolve(false));
        return;
      }
      let granted = false;
      const done = new AbortController();
      const waiting: Waiting = {
        tab,
        lost: new AbortController(),
        grant: () => {
          this.#time.at(this.#random.fraction() * 3, tab, () => {
            granted = true;
            done.abort();
            const release = () => {
              if (lock.holder === waiting) lock.holder = undefined;
              this.#next(lock);
            };
            hold(waiting.lost.signal)
              .finally(release)
              .then(() => resolve(true), reject);
          });
        },
      };
      const abort = () => {
        if (granted) return;
        lock.queue = lock.queue.filter(other => other !== waiting);
        // Granted by the browser, not yet known to the tab: the callback will still be called.
        if (lock.holder !== waiting) reject(new DOMException('Aborted', 'AbortError'));
      };
      if (mode === 'wait') signal.addEventListener('abort', abort, {once: true, signal: done.signal});
      if (mode === 'steal') this.#steal(lock, waiting);
      else lock.queue.push(waiting);
      this.#next(lock);
    });
  }

  #steal(lock: Lock, thief: Waiting): void {
    const victim = lock.holder;
    lock.holder = undefined;
    lock.queue.unshift(thief);
    if (!victim) return;
    this.steals++;
    this.#time.at(this.#random.fraction() * 3, victim.tab, () => victim.lost.abort());
  }

  #next(lock: Lock): void {
    if (lock.holder) return;
    lock.holder = lock.queue.shift();
    lock.holder?.grant();
  }
}

interface LockRequest {
  tab: Process;
  name: string;
  signal: AbortSignal;
  hold: (lost: AbortSignal) => Promise<void>;
  mode: LockMode;
}

interface Member {
  tab: Process;
  listener: (message: unknown) => void;
  /** Messages arrive in the order in which they were sent. */
  last: number;
}

export class Channels {
  /** Hints that only spare a look at the disk get lost. */
  lossy = false;
  readonly #time: VirtualTime;
  readonly #random: Dice;
  readonly #channels = new Map<string, Set<Member>>();

  constructor(time: VirtualTime, random: Dice) {
    this.#time = time;
    this.#random = random;
  }

  /** How many channels a tab has open. */
  openOf(tab: Process): number {
    return [...this.#channels.values()].flatMap(members => [...members]).filter(member => member.tab === tab).length;
  }

  port(tab: Process): ChannelPort {
    return {
      open: (name, listener) => {
        const members = this.#channels.get(name) ?? new Set<Member>();
        const me: Member = {tab, listener, last: 0};
        this.#channels.set(name, members.add(me));
        return {
          post: message => {
            if (tab.alive) for (const member of members) if (member !== me) this.#send(members, member, message);
          },
          close: () => members.delete(me),
        };
      },
    };
  }

  #send(members: Set<Member>, member: Member, message: unknown): void {
    const {kind} = (message as {announcement: {kind: string}}).announcement;
    if (this.lossy && (kind === 'outbox' || kind === 'commit')) return;
    const copy: unknown = structuredClone(message);
    member.last = Math.max(member.last, this.#time.now + this.#random.fraction() * 5);
    this.#time.at(member.last - this.#time.now, member.tab, () => {
      if (members.has(member)) member.listener(copy);
    });
  }
}
