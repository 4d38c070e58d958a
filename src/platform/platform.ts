/**
 * The platform room: the ports through which everything outside is reached, and the browser's implementation of them
 * (browser-*.ts). Only this folder touches globals. It knows nothing of sync; it imports nothing but error types.
 */
import type {StoragePort} from './storage.js';

/** Undoes what returned it. Calling it twice is the same as once. */
export type Remover = () => void;

export interface Clock {
  /** Milliseconds since 1970; may jump. */
  now(): number;
  /** Milliseconds since some start; never goes back. */
  monotonic(): number;
  /** Runs `fire` once, after `ms`. */
  timer(ms: number, fire: () => void): Remover;
}

export interface Random {
  /** From 0 up to but not 1. */
  fraction(): number;
  uuid(): string;
}

export interface SocketHandlers {
  open(): void;
  /** A text frame. */
  message(text: string): void;
  /** A binary frame: nothing of ours. */
  binary(): void;
  /** Once, last; also when it never opened. */
  close(code: number, reason: string): void;
}

export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  readonly bufferedAmount: number;
}

export interface SocketPort {
  connect(url: string, handlers: SocketHandlers): Socket;
}

/** `wait` in the queue; `if-free`, or not at all; `steal` it from whoever holds it, past the queue. */
export type LockMode = 'wait' | 'if-free' | 'steal';

export interface LockPort {
  /**
   * Takes the lock and holds it while the promise of `hold` is pending. Resolves after `hold` has ended: true, or false
   * where it was not free and `hold` was never called.
   * @param hold its signal fires when somebody stole the lock: it is no longer held, though `hold` still runs
   * @throws AbortError when `signal` fires while waiting; what `hold` throws
   */
  request(
    name: string,
    signal: AbortSignal,
    hold: (lost: AbortSignal) => Promise<void>,
    mode?: LockMode,
  ): Promise<boolean>;
  /** Names of the locks that are held in this origin and begin so. */
  held(prefix: string): Promise<string[]>;
}

export interface Channel {
  post(message: unknown): void;
  close(): void;
}

export interface ChannelPort {
  open(name: string, listener: (message: unknown) => void): Channel;
}

export interface NetworkPort {
  /** What the browser says; a hint, never the truth. */
  online(): boolean;
  subscribe(listener: (online: boolean) => void): Remover;
}

export interface StorageEstimate {
  persisted: boolean;
  usage: number;
  quota: number;
}

export interface Platform {
  clock: Clock;
  random: Random;
  sockets: SocketPort;
  storage: StoragePort;
  locks: LockPort;
  channels: ChannelPort;
  network: NetworkPort;
  /** Bytes used and allowed, null where the browser doesn't tell. */
  estimate(): Promise<StorageEstimate | null>;
  /** The same for a tab that shares nothing with others: its storage is in memory. */
  alone(): Platform;
}
