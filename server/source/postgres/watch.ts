/**
 * The one connection that stays. It hears of commits and looks at them; when it is lost it comes back, and looks at what it
 * has missed.
 *
 *   start ──▶ connecting ──ready──▶ listening ──lost──▶ waiting
 *                 ▲                                        │
 *                 └──────────── after a while ◀────────────┘         any ──stop──▶ stopped
 */
import {setTimeout as sleep} from 'node:timers/promises';
import type {Queryable} from '../sql/sql.js';
import {asQueryable, type PgClient} from './driver.js';

export interface WatchPort {
  connect(): Promise<PgClient>;
  /** Each time before it listens. What it rejects with ends the connection, and at the first time is `start`'s failure. */
  ready(sql: Queryable): Promise<void>;
  /** Something was committed, or it is time to see whether the connection lives. */
  look(sql: Queryable): Promise<void>;
  lost(reason: unknown): void;
  back(): void;
}

/** Milliseconds between two looks without a commit, and from the loss of a connection to the next one. */
const IDLE = 10_000;
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;

type State =
  | {name: 'stopped'}
  | {name: 'connecting'}
  | {name: 'waiting'}
  | {name: 'listening'; client: PgClient; sql: Queryable};

export class Watch {
  readonly #port: WatchPort;
  readonly #channel: string;
  readonly #stop = new AbortController();
  #state: State = {name: 'connecting'};
  #looking: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #returning: Promise<void> | undefined;

  constructor(channel: string, port: WatchPort) {
    this.#channel = channel;
    this.#port = port;
  }

  async start(): Promise<void> {
    await this.#open();
  }

  /** Resolves when a look that began after this call is done; at once where there is no connection. */
  look(): Promise<void> {
    if (this.#state.name !== 'listening') return Promise.resolve();
    // One at a time: whoever asks while one is going on shares the next one.
    if (!this.#looking) {
      this.#looking = this.#once().finally(() => {
        this.#looking = undefined;
      });
      return this.#looking;
    }
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      return this.look();
    });
    return this.#next;
  }

  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = {name: 'stopped'};
    this.#stop.abort();
    clearTimeout(this.#timer);
    if (state.name === 'listening') await state.client.end().catch(() => {});
    await this.#returning;
    await this.#looking;
  }

  async #open(): Promise<void> {
    this.#state = {name: 'connecting'};
    const client = await this.#port.connect();
    const sql = asQueryable(client);
    try {
      await sql.exec(`LISTEN ${this.#channel}`);
      await this.#port.ready(sql);
    } catch (cause) {
      await client.end().catch(() => {});
      throw cause;
    }
    if (this.#stop.signal.aborted) {
      await client.end().catch(() => {});
      return;
    }
    this.#state = {name: 'listening', client, sql};
    client.on('notification', () => void this.look());
    client.on('end', () => this.#lose(client, 'the connection was closed'));
    // What came while it was made ready, and whether it has not ended meanwhile.
    void this.look();
  }

  async #once(): Promise<void> {
    const state = this.#state;
    if (state.name !== 'listening') return;
    clearTimeout(this.#timer);
    try {
      await this.#port.look(state.sql);
      if (this.#state === state) this.#timer = setTimeout(() => void this.look(), IDLE);
    } catch (cause) {
      this.#lose(state.client, cause);
    }
  }

  #lose(client: PgClient, reason: unknown): void {
    if (this.#state.name !== 'listening' || this.#state.client !== client) return;
    this.#state = {name: 'waiting'};
    clearTimeout(this.#timer);
    client.end().catch(() => {});
    this.#port.lost(reason);
    this.#returning = this.#return();
  }

  async #return(): Promise<void> {
    for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        await sleep(pause * (0.5 + Math.random() / 2), undefined, {signal: this.#stop.signal});
        await this.#open();
        if (!this.#stop.signal.aborted) this.#port.back();
        return;
      } catch {
        // The reason was told once; an outage has the same one at each attempt.
        if (this.#stop.signal.aborted) return;
        this.#state = {name: 'waiting'};
      }
    }
  }
}
