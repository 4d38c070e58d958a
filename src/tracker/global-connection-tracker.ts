/** GlobalConnectionTracker: this tab's part in choosing the one that holds the line, and the channel between all of them. */
import type {Platform, Remover} from '../platform/platform.js';
import {type ErrorRecord, SyncError, type Want} from '../protocol/protocol.js';
import {Presence} from './presence.js';
import {Pulse} from './pulse.js';
import {TabChannel} from './tab-channel.js';
import type {Announcement, Place} from './tracker.js';
import {aborted, pause} from './waits.js';

export interface TrackerHooks {
  /** The lock is ours: write the fence and take over, unless `over` says that it is not any more. @returns the epoch */
  promote(over: AbortSignal): Promise<number>;
  /** Stand down; resolves when the socket is closed and nothing more will be written. */
  demote(): Promise<void>;
  announced(announcement: Announcement): void;
  /** How many tabs are open, and what they want together (undefined: everything), may have changed. */
  tabs(count: number, wants: Want[] | undefined): void;
  /** Each second. */
  second(): void;
  /** No tab has led for long, though the lock may be held. */
  leaderless(): void;
  /** This tab did not run for a while: what was announced meanwhile was missed. */
  woke(): void;
  /** A tab of a newer version is there. */
  outdated(): void;
  failed(error: ErrorRecord): void;
}

/** How often the leader counts tabs that went without a word. */
const COUNT_EVERY = 5000;
/** How long a tab that could not take over waits before it queues up again. */
const PROMOTION_RETRY = 1000;
/** Seconds, as this tab has run, in which the fence must be written. */
const PROMOTION_LIMIT = 10;
/** Seconds without a leader after which what the last one said is not believed any more. */
const LEADERLESS_AFTER = 15;
/** How often a tab may give the line to another that may do better: where none can, it must not go round for ever. */
const YIELD_EVERY = 60_000;

export class GlobalConnectionTracker {
  readonly #platform: Platform;
  readonly #name: string;
  readonly #place: Place;
  readonly #presence: Presence;
  readonly #hooks: TrackerHooks;
  readonly #channel: TabChannel;
  readonly #pulse: Pulse;
  readonly #stopped = new AbortController();
  /** Waiting for the lock. */
  #attempt = new AbortController();
  /** Holding it; aborted when the turn is over. */
  #turn: AbortController | undefined;
  /** Of the fence that this tab's turn as leader began with; 0 while it does not lead. */
  #epoch = 0;
  /** The next attempt steals. Called once that is decided. */
  #stealing: (() => void) | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;
  /** Ticks of this tab since a leader was last known. */
  #leaderless = 0;
  #tabs = 1;
  #yieldedAt = Number.NEGATIVE_INFINITY;
  #work: Promise<unknown> = Promise.resolve();
  #theft: Promise<unknown> = Promise.resolve();
  #stopCounting: Remover = () => {};

  /** @param wants what this tab wants of the server; undefined: everything */
  constructor(
    platform: Platform,
    {name, place, wants}: {name: string; place: Place; wants?: readonly Want[] | undefined},
    hooks: TrackerHooks,
  ) {
    this.#platform = platform;
    this.#name = name;
    this.#place = place;
    this.#presence = new Presence(platform, name, wants);
    this.#hooks = hooks;
    this.#channel = new TabChannel(
      platform,
      name,
      announcement => this.#heard(announcement),
      () => hooks.outdated(),
    );
    this.#pulse = new Pulse(platform.clock, {
      beat: () => {
        hooks.second();
        if (!this.isLeader) this.#missLeader();
        return this.#beat();
      },
      probe: () => this.announce({kind: 'probe'}),
      silent: () => this.#stealFromSilent(),
      woke: () => hooks.woke(),
    });
  }

  get isLeader(): boolean {
    return this.#epoch > 0;
  }

  start(): void {
    this.#pulse.start();
    this.#work = Promise.all([this.#presence.hold(this.#stopped.signal, () => this.sayHello()), this.#campaign()]);
  }

  /** What all open tabs want, and who has gone within a minute; undefined: everything. */
  async wants(): Promise<Want[] | undefined> {
    return (await this.#presence.look()).wants;
  }

  /** A tab that has just gone may have wanted this, and may be back in a moment. */
  recall(wants: readonly Want[] | undefined): void {
    this.#presence.recall(wants);
  }

  announce(announcement: Announcement): void {
    this.#channel.announce(announcement);
  }

  /** This tab is there: it is counted, and the leader tells it its state. */
  sayHello(): void {
    // A tab that could do nothing with the line does not claim it for being in a worker.
    this.announce({kind: 'hello', place: this.#hasYielded ? 'page' : this.#place});
  }

  /** Gives the lock back and queues up behind the others. */
  resign(): void {
    this.#turn?.abort();
  }

  /** Resigns where there is another tab, which may have what this one lacks; once a minute at the most. */
  yield(): void {
    const now = this.#platform.clock.monotonic();
    if (!this.isLeader || this.#tabs < 2 || this.#hasYielded) return;
    this.#yieldedAt = now;
    this.resign();
  }

  get #hasYielded(): boolean {
    return this.#platform.clock.monotonic() - this.#yieldedAt < YIELD_EVERY;
  }

  /** Takes the line from a leader that has no use for it, as it says; comes to nothing where another tab is at the same. */
  takeOver(): void {
    this.#oneThief(() => this.#steal());
  }

  async stop(): Promise<void> {
    this.announce({kind: 'bye'});
    this.#channel.mute();
    this.#stopped.abort();
    this.#pulse.stop();
    this.#stole();
    this.#attempt.abort();
    this.resign();
    await Promise.all([this.#work, this.#theft]);
    this.#stopCounting();
    this.#channel.close();
  }

  #heard(announcement: Announcement): void {
    switch (announcement.kind) {
      case 'beat':
        // This tab runs where the line belongs.
        if (announcement.place === 'page' && this.#place === 'worker') this.sayHello();
        return this.#heardLeader(announcement.epoch);
      case 'probe':
        return void this.#beat();
      case 'state':
        this.#heardLeader(announcement.epoch);
        break;
      case 'hello':
        if (announcement.place === 'worker' && this.#place === 'page') this.resign();
        void this.#count();
        break;
      case 'bye':
        void this.#count();
        break;
    }
    this.#hooks.announced(announcement);
  }

  #heardLeader(epoch: number): void {
    this.#pulse.heard();
    this.#heardAt = this.#platform.clock.monotonic();
    if (epoch > 0) this.#leaderless = 0;
    // The lock was taken from this tab, which has not been told yet.
    if (this.#epoch > 0 && epoch > this.#epoch) this.resign();
  }

  /** While it holds the lock, and has not yet written the fence, too: it is at work. */
  #beat(): boolean {
    if (!this.#turn) return false;
    this.announce({kind: 'beat', epoch: this.#epoch, place: this.#place});
    return true;
  }

  async #campaign(): Promise<void> {
    const {signal} = this.#stopped;
    while (!signal.aborted) {
      const attempt = new AbortController();
      this.#attempt = attempt;
      const mode = this.#stealing ? 'steal' : 'wait';
      try {
        await this.#platform.locks.request(`${this.#name}/leader`, attempt.signal, lost => this.#lead(lost), mode);
      } catch (thrown) {
        if (attempt.signal.aborted) continue;
        this.#hooks.failed(SyncError.from(thrown, 'storage-failed').toRecord());
        await pause(this.#platform.clock, PROMOTION_RETRY, signal);
      } finally {
        if (mode === 'steal') this.#stole();
      }
    }
  }

  async #lead(lost: AbortSignal): Promise<void> {
    // From here on this tab can be stolen from like any other.
    this.#stole();
    if (this.#stopped.signal.aborted) return;
    const turn = new AbortController();
    lost.addEventListener('abort', () => turn.abort());
    this.#turn = turn;
    this.#leaderless = 0;
    try {
      // Where storage hangs the turn may be over first.
      this.#epoch = (await Promise.race([this.#hooks.promote(turn.signal), aborted(turn.signal)])) ?? 0;
      this.#beat();
      void this.#count();
      await aborted(turn.signal);
    } finally {
      this.#epoch = 0;
      this.#turn = undefined;
      this.#stopCounting();
      // Also where it could take over only in part.
      await this.#hooks.demote();
    }
  }

  /** Each second while this tab does not lead: it waits, or writes the fence. */
  #missLeader(): void {
    this.#leaderless++;
    if (this.#leaderless === LEADERLESS_AFTER) this.#hooks.leaderless();
    if (!this.#turn || this.#leaderless < PROMOTION_LIMIT) return;
    // Storage hangs here; it need not in another tab.
    this.#yieldedAt = this.#platform.clock.monotonic();
    this.resign();
  }

  #stole(): void {
    this.#stealing?.();
    this.#stealing = undefined;
  }

  /**
   * The leader holds the lock and does not answer: its worker hangs, or its page is frozen. The thief must be sure that it
   * would hear a leader, and that there is one to steal from.
   */
  #stealFromSilent(): void {
    const {clock, locks} = this.#platform;
    const since = clock.monotonic();
    this.#oneThief(async () => {
      if (
        !(await this.#channel.hearsItself(this.#stopped.signal)) ||
        (await locks.held(`${this.#name}/leader`)).length === 0
      )
        return;
      if (this.#heardAt < since) await this.#steal();
    });
  }

  /** One at a time of all tabs; who finds another at it lets it be. */
  #oneThief(work: () => Promise<void>): void {
    const {signal} = this.#stopped;
    // The lock may come when this tab is stopped already.
    const steal = async () => (signal.aborted ? undefined : work());
    const theft = this.#platform.locks.request(`${this.#name}/thief`, signal, steal, 'if-free').catch(error => {
      if (!signal.aborted) this.#hooks.failed(SyncError.from(error).toRecord());
    });
    this.#theft = Promise.all([this.#theft, theft]).then(() => {});
  }

  /** Resolves when this tab leads, or that came to nothing. */
  #steal(): Promise<void> {
    if (this.#turn || this.#stopped.signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      this.#stealing = resolve;
      this.#attempt.abort();
    });
  }

  async #count(): Promise<void> {
    if (!this.isLeader) return;
    this.#stopCounting();
    this.#stopCounting = this.#platform.clock.timer(COUNT_EVERY, () => void this.#count());
    const {tabs, wants} = await this.#presence.look();
    if (!this.isLeader) return;
    this.#tabs = tabs;
    this.#hooks.tabs(tabs, wants);
  }
}
