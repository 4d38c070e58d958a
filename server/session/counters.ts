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
  /** Greetings accepted while an accepted session of the same local database was still there: 0, or a promise is broken. */
  overlaps: number;
  /** Sessions that the server closed, by code. */
  closed: Record<string, number>;
}

export class Counters {
  accepted = 0;
  refused = 0;
  #applied = 0;
  #duplicates = 0;
  #nacked = 0;
  #overlaps = 0;
  /** Accepted sessions by local database. Counted here, and not asked of the registry, whose work this watches. */
  readonly #present = new Map<string, number>();
  /** The codes are ours, so there are few. */
  readonly #closed = new Map<string, number>();

  answered(frame: OperationAckFrame | OperationNackFrame): void {
    if (frame.type === 'operation_nack') this.#nacked++;
    else if (frame.status === 'applied') this.#applied++;
    else this.#duplicates++;
  }

  entered(subject: string, instance: string): void {
    const key = JSON.stringify([subject, instance]);
    const others = this.#present.get(key) ?? 0;
    this.#present.set(key, others + 1);
    if (others > 0) this.#overlaps++;
  }

  left(subject: string, instance: string): void {
    const key = JSON.stringify([subject, instance]);
    const others = (this.#present.get(key) ?? 0) - 1;
    if (others > 0) this.#present.set(key, others);
    else this.#present.delete(key);
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
      overlaps: this.#overlaps,
      closed: Object.fromEntries(this.#closed),
    };
  }
}
