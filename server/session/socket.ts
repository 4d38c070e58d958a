/** A WebSocket as a session uses it: frames out, back pressure, and signs of life. The only file that knows `ws`. */
import type {WebSocket} from 'ws';
import type {ServerFrame} from '../../src/protocol/protocol.js';
import {FRAME_BYTES} from './frame-text.js';
import type {StreamPort} from './stream.js';

/** Bytes in the socket's own buffer above which data frames wait, and above which the client reads nothing at all. */
const HIGH = 1024 * 1024;
const FLOOD = 16 * 1024 * 1024;

export class Socket implements StreamPort {
  readonly #ws: WebSocket;
  readonly #wire: {readonly bytesRead: number};
  #lastSeen = Date.now();
  #lastRead = 0;
  #lastBuffered = 0;
  #pinged = false;
  #waiting: (() => void)[] = [];

  /** @param wire what the WebSocket runs over: a long frame that comes in slowly is heard of there first */
  constructor(ws: WebSocket, wire: {readonly bytesRead: number}) {
    this.#ws = ws;
    this.#wire = wire;
  }

  send(frame: ServerFrame): void {
    this.sendText(JSON.stringify(frame));
  }

  sendText(text: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    // Of a long one a browser hears nothing before it is whole: said first, the silence is not taken for death.
    if (text.length > FRAME_BYTES) this.send({type: 'large_frame', bytes: Buffer.byteLength(text)});
    this.#ws.send(text, () => this.#flushed());
  }

  ready(): Promise<void> {
    if (this.#ws.bufferedAmount <= HIGH || this.#ws.readyState !== this.#ws.OPEN) return Promise.resolve();
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  /** Stops or goes on reading from the client: TCP tells it to wait. */
  pause(paused: boolean): void {
    if (paused) this.#ws.pause();
    else this.#ws.resume();
  }

  close(code: number, reason: string): void {
    // A paused socket would never see the client's own close frame.
    this.#ws.resume();
    this.#ws.close(code, reason);
    this.gone();
  }

  /** For a peer that no longer answers. */
  terminate(): void {
    this.#ws.terminate();
    this.gone();
  }

  /** Lets go whoever waits for room. */
  gone(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  seen(): void {
    this.#lastSeen = Date.now();
    this.#pinged = false;
  }

  /**
   * Pings after silence. False: the peer is dead, or reads nothing. What leaves our buffer is a sign of life too, as a
   * client busy with a long frame answers late, but takes in; and so is each byte of a frame that is not whole yet.
   */
  alive(now: number, heartbeat: number, deadAfter: number): boolean {
    const {bufferedAmount} = this.#ws;
    const {bytesRead} = this.#wire;
    if (bufferedAmount < this.#lastBuffered || bytesRead > this.#lastRead || this.#ws.isPaused) this.seen();
    this.#lastBuffered = bufferedAmount;
    this.#lastRead = bytesRead;
    if (bufferedAmount > FLOOD) return false;
    const silence = now - this.#lastSeen;
    if (silence >= heartbeat + deadAfter) return false;
    if (silence >= heartbeat && !this.#pinged) {
      this.#pinged = true;
      this.send({type: 'ping', t: now});
    }
    return true;
  }

  #flushed(): void {
    if (this.#ws.bufferedAmount <= HIGH) this.gone();
  }
}
