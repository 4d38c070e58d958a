/** Data frames as text. Changes come as texts and are joined, never parsed: that is most of what the server does. */
import type {Lsn} from '../../src/protocol/protocol.js';
import type {Position} from '../source/change-source.js';

/** Data frames are at most this large, but for a single larger change. */
export const FRAME_BYTES = 128 * 1024;

/** Bytes of a frame around its changes, on the safe side. */
const ENVELOPE = 512;

export interface ChangesHead {
  stream: number;
  n: number;
  prevLSN: Lsn;
  at: Position;
  /** 1, 2, 3 … of a transaction in parts. */
  part?: number;
  /** The last part. */
  final?: boolean;
}

export function changesFrame(head: ChangesHead, changes: readonly string[]): string {
  const {stream, n, prevLSN, at, part, final} = head;
  const whole = part === undefined || final;
  const mark = whole ? `,"mark":${JSON.stringify(at.mark)}` : '';
  const parts = part === undefined ? '' : `,"part":${part}${final ? ',"final":true' : ''}`;
  return `{"type":"changes","stream":${stream},"n":${n},"prevLSN":"${prevLSN}","lsn":"${at.lsn}"${mark}${parts},"changes":[${changes.join(',')}]}`;
}

export function headFrame(stream: number, n: number, prevLSN: Lsn, at: Position, now: number): string {
  return JSON.stringify({type: 'head', stream, n, prevLSN, lsn: at.lsn, mark: at.mark, serverTime: now});
}

export function dataFrame(stream: number, n: number, changes: readonly string[], cursor: string): string {
  return `{"type":"sync_data","stream":${stream},"n":${n},"changes":[${changes.join(',')}],"cursor":${JSON.stringify(cursor)}}`;
}

/** Collects change texts until a frame is full. */
export class FrameBuffer {
  readonly #limit: number;
  #changes: string[] = [];
  #bytes = ENVELOPE;

  constructor(limit = FRAME_BYTES) {
    this.#limit = limit;
  }

  get empty(): boolean {
    return this.#changes.length === 0;
  }

  /** Whether the change has no room any more: then `take` first. An empty frame has room for any. */
  isFull(bytes: number): boolean {
    return !this.empty && this.#bytes + bytes + 1 > this.#limit;
  }

  add(change: string, bytes: number): void {
    this.#changes.push(change);
    this.#bytes += bytes + 1;
  }

  take(): string[] {
    const changes = this.#changes;
    this.#changes = [];
    this.#bytes = ENVELOPE;
    return changes;
  }
}
