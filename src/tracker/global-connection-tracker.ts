/** GlobalConnectionTracker: this tab's part in choosing the one that holds the line, and the channel between all of them. */
import type {Channel, Platform, Remover} from '../platform/platform.js';
import {type ErrorRecord, SyncError} from '../protocol/protocol.js';
import {type Announcement, CHANNEL_FORMAT, readAnnouncement} from './tracker.js';

export interface TrackerHooks {
  /** The lock is ours: write the fence and take over. @returns the epoch */
  promote(): Promise<number>;
  /** Stand down; resolves when the socket is closed and nothing more will be written. */
  demote(): Promise<void>;
  announced(announcement: Announcement): void;
  /** The number of open tabs may have changed. */
  tabs(count: number): void;
  failed(error: ErrorRecord): void;
}

/** How often the leader counts tabs that went without a word. */
const COUNT_EVERY = 5000;
/** How long a tab that could not take over waits before it queues up again. */
const PROMOTION_RETRY = 1000;

export class GlobalConnectionTracker {
  readonly #platform: Platform;
  readonly #name: string;
  readonly #hooks: TrackerHooks;
  readonly #channel: Channel;
  readonly #stopped = new AbortController();
  /** Ends the present turn as leader. */
  #resign: (() => void) | undefined;
  #isLeader = false;
  #campaign: Promise<void> = Promise.resolve();
  #presence: Promise<void> = Promise.resolve();
  #stopCounting: Remover = () => {};

  constructor(platform: Platform, name: string, hooks: TrackerHooks) {
    this.#platform = platform;
    this.#name = name;
    this.#hooks = hooks;
    this.#channel = platform.channels.open(name, message => {
      const announcement = readAnnouncement(message);
      if (!announcement || this.#stopped.signal.aborted) return;
      if (announcement.kind === 'hello' || announcement.kind === 'bye') void this.#count();
      hooks.announced(announcement);
    });
  }

  get isLeader(): boolean {
    return this.#isLeader;
  }

  start(): void {
    this.#presence = this.#bePresent();
    this.#campaign = this.#queueUp();
  }

  announce(announcement: Announcement): void {
    if (!this.#stopped.signal.aborted) this.#channel.post({format: CHANNEL_FORMAT, announcement});
  }

  /** Gives the lock back and queues up behind the others. */
  resign(): void {
    this.#resign?.();
  }

  async stop(): Promise<void> {
    this.announce({kind: 'bye'});
    this.#stopped.abort();
    this.#resign?.();
    await Promise.all([this.#campaign, this.#presence]);
    this.#stopCounting();
    this.#channel.close();
  }

  /** A lock of one's own, held for life: counting them counts the tabs, crashed ones not included. */
  async #bePresent(): Promise<void> {
    const held = this.#platform.locks.request(
      `${this.#name}/tab/${this.#platform.random.uuid()}`,
      this.#stopped.signal,
      () => {
        this.announce({kind: 'hello'});
        return aborted(this.#stopped.signal);
      },
    );
    await held.catch(() => {});
  }

  async #queueUp(): Promise<void> {
    const {signal} = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#platform.locks.request(`${this.#name}/leader`, signal, () => this.#lead());
      } catch (thrown) {
        if (signal.aborted) return;
        this.#hooks.failed(SyncError.from(thrown, 'storage-failed').toRecord());
        await this.#pause(PROMOTION_RETRY);
      }
    }
  }

  async #lead(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const turn = new Promise<void>(resolve => {
      this.#resign = resolve;
    });
    await this.#hooks.promote();
    this.#isLeader = true;
    void this.#count();
    await turn;
    this.#isLeader = false;
    this.#resign = undefined;
    this.#stopCounting();
    await this.#hooks.demote();
  }

  async #count(): Promise<void> {
    if (!this.#isLeader) return;
    this.#stopCounting();
    this.#stopCounting = this.#platform.clock.timer(COUNT_EVERY, () => void this.#count());
    const count = await this.#platform.locks.countHeld(`${this.#name}/tab/`).catch(() => 1);
    if (this.#isLeader) this.#hooks.tabs(Math.max(1, count));
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const {signal} = this.#stopped;
      const stop = () => {
        cancel();
        resolve();
      };
      const cancel = this.#platform.clock.timer(ms, () => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
      signal.addEventListener('abort', stop);
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), {once: true});
  });
}
