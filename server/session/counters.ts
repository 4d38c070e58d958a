/** What a server has done so far, in numbers. */
import type {OperationAckFrame, OperationNackFrame} from '../../src/protocol/protocol.js';

export interface CounterValues {
  /** Sockets accepted since the start. */
  accepted: number;
  /** Upgrades refused: origin, path, draining, too many. */
  refused: number;
  applied: number;
  duplicates: number;
  nacked: number;
  /** Sessions that the server closed, by code. */
  closed: Record<string, number>;
}

export class Counters {
  accepted = 0;
  refused = 0;
  #applied = 0;
  #duplicates = 0;
  #nacked = 0;
  /** The codes are ours, so there are few. */
  readonly #closed = new Map<string, number>();

  answered(frame: OperationAckFrame | OperationNackFrame): void {
    if (frame.type === 'operation_nack') this.#nacked++;
    else if (frame.status === 'applied') this.#applied++;
    else this.#duplicates++;
  }

  closed(code: string): void {
    this.#closed.set(code, (this.#closed.get(code) ?? 0) + 1);
  }

  values(): CounterValues {
    return {
      accepted: this.accepted,
      refused: this.refused,
      applied: this.#applied,
      duplicates: this.#duplicates,
      nacked: this.#nacked,
      closed: Object.fromEntries(this.#closed),
    };
  }
}
