/**
 * One WebSocket between a tab and the server: two pipes that deliver in order, late, and break in the ways that real ones
 * do. Nothing is ever reordered within a pipe.
 */
import type {Socket, SocketHandlers} from '../../src/platform/platform.js';
import type {Dice} from './dice.js';
import type {Process, VirtualTime} from './virtual-time.js';

export type Item = {text: string} | {close: number; reason: string};

const DATA = /^\{"type":"(changes|head|sync_data)"/;

/** One direction. */
export class Pipe {
  bytes = 0;
  /** What is sent arrives nowhere, and nobody is told. */
  dead = false;
  /** Bytes a millisecond; undefined: as fast as may be. */
  rate: number | undefined;
  readonly #time: VirtualTime;
  readonly #random: Dice;
  readonly #to: Process;
  readonly #deliver: (item: Item) => void;
  readonly #items: {item: Item; due: boolean; delivered: () => void}[] = [];
  #stops = new Set<string>();
  #last = 0;

  constructor(time: VirtualTime, random: Dice, to: Process, deliver: (item: Item) => void) {
    this.#time = time;
    this.#random = random;
    this.#to = to;
    this.#deliver = deliver;
  }

  push(item: Item, delivered = () => {}): void {
    const size = sizeOf(item);
    this.bytes += size;
    if (this.dead) return;
    const entry = {item, due: false, delivered};
    this.#items.push(entry);
    const latency = this.#random.chance(0.03) ? this.#random.fraction() * 2000 : 5 + this.#random.fraction() * 60;
    this.#last = Math.max(this.#last, this.#time.now + latency) + (this.rate ? size / this.rate : 0);
    this.#time.at(this.#last - this.#time.now, this.#to, () => {
      entry.due = true;
      this.#pump();
    });
  }

  /** Holds everything back until the same reason is lifted. */
  stop(reason: string, stopped: boolean): void {
    if (stopped) this.#stops.add(reason);
    else if (this.#stops.delete(reason)) this.#time.at(0, this.#to, () => this.#pump());
  }

  #pump(): void {
    while (this.#items[0]?.due && this.#stops.size === 0 && !this.dead) {
      const [entry] = this.#items.splice(0, 1);
      if (!entry) return;
      this.bytes -= sizeOf(entry.item);
      entry.delivered();
      this.#deliver(entry.item);
    }
  }
}

function sizeOf(item: Item): number {
  return 'text' in item ? item.text.length : 0;
}

export interface ServerHandlers {
  message(text: string): void;
  close(): void;
}

export class Link {
  readonly tab: Process;
  readonly up: Pipe;
  readonly down: Pipe;
  readonly #time: VirtualTime;
  readonly #random: Dice;
  readonly #server: Process;
  readonly #client: SocketHandlers;
  serverHandlers: ServerHandlers | undefined;
  clientClosed = false;
  serverClosed = false;
  /** Whom the server has greeted here. */
  subject: string | undefined;
  /** The connection breaks just before the next of these frames. */
  breakBefore: string | undefined;
  /** So many of the next frames with data get lost, and the line stays up. */
  losing = 0;
  lost = 0;
  /** Virtual time since when what the server says reaches nobody. */
  deadSince: number | undefined;
  /** The last frames that carried transactions, one behind the other. */
  #suffix: string[] = [];

  constructor(time: VirtualTime, random: Dice, tab: Process, server: Process, client: SocketHandlers) {
    this.#time = time;
    this.#random = random;
    this.tab = tab;
    this.#server = server;
    this.#client = client;
    this.up = new Pipe(time, random, server, item => this.#atServer(item));
    this.down = new Pipe(time, random, tab, item => this.#atClient(item));
  }

  get isOver(): boolean {
    return this.clientClosed && this.serverClosed;
  }

  clientSocket(): Socket {
    const link = this;
    return {
      send: text => {
        if (!link.clientClosed && link.tab.alive) link.up.push({text});
      },
      close: (code = 1000, reason = '') => {
        if (link.clientClosed || !link.tab.alive) return;
        link.clientClosed = true;
        link.up.push({close: code, reason});
        link.down.dead = true;
      },
      get bufferedAmount() {
        return link.up.bytes;
      },
    };
  }

  /** From the server. */
  send(text: string, flushed: () => void): void {
    if (this.serverClosed) return;
    if (this.breakBefore !== undefined && text.startsWith(`{"type":"${this.breakBefore}"`)) return this.reset();
    if (this.losing > 0 && DATA.test(text)) {
      this.losing--;
      this.lost++;
      return flushed();
    }
    this.#remember(text);
    this.down.push({text}, flushed);
  }

  closeFromServer(code: number, reason: string): void {
    this.down.push({close: code, reason});
    // `ws` waits 30 s for the other side's close frame.
    this.#time.at(30_000, this.#server, () => this.endServer());
  }

  /** Both sides are told soon, each at its own time; what was under way is lost. */
  reset(): void {
    this.up.dead = true;
    this.down.dead = true;
    this.#time.at(this.#random.fraction() * 300, this.#server, () => this.endServer());
    this.#time.at(this.#random.fraction() * 300, this.tab, () => this.endClient(1006, ''));
  }

  /** Nobody is told anything. */
  halfOpen(): void {
    this.up.dead = true;
    this.down.dead = true;
    this.deadSince ??= this.#time.now;
  }

  /** The tab is gone: the server hears of it soon, or only by silence. */
  tabDied(): void {
    this.clientClosed = true;
    this.down.dead = true;
    this.up.dead ||= this.#random.chance(0.5);
    if (this.#random.chance(0.8)) this.#time.at(this.#random.fraction() * 3000, this.#server, () => this.endServer());
  }

  serverDied(): void {
    this.serverClosed = true;
    this.up.dead = true;
    this.deadSince ??= this.#time.now;
    if (this.#random.chance(0.5)) this.down.dead = true;
    if (this.#random.chance(0.8)) {
      this.#time.at(this.#random.fraction() * 300, this.tab, () => this.endClient(1006, ''));
    }
  }

  /** Sends the last `count` frames with transactions again, but for the very last `without`. */
  duplicate(count: number, without: number): void {
    if (this.serverClosed) return;
    const {length} = this.#suffix;
    for (const text of this.#suffix.slice(Math.max(0, length - count), length - without)) this.down.push({text});
  }

  endServer(): void {
    if (this.serverClosed) return;
    this.serverClosed = true;
    this.serverHandlers?.close();
  }

  endClient(code: number, reason: string): void {
    if (this.clientClosed) return;
    this.clientClosed = true;
    this.#client.close(code, reason);
  }

  open(): void {
    if (!this.clientClosed) this.#client.open();
  }

  #atServer(item: Item): void {
    if (this.serverClosed) return;
    if ('text' in item) this.serverHandlers?.message(item.text);
    else this.endServer();
  }

  #atClient(item: Item): void {
    if (this.clientClosed) return;
    if ('text' in item) return this.#client.message(item.text);
    this.endClient(item.close, item.reason);
    this.up.push({close: item.close, reason: ''});
  }

  #remember(text: string): void {
    if (/^\{"type":"(changes|head|operation_ack)"/.test(text)) this.#suffix.push(text);
    else if (/^\{"type":"(sync_start|sync_data)"/.test(text)) this.#suffix = [];
  }
}
