/** Frames that wait to be applied: as many as the window that the server was given allows, and one more of any size. */
import type {StreamFrame} from './stream-frame.js';

export interface Arrival {
  frame: StreamFrame;
  text: string;
}

export class Inbox {
  readonly #limit: number;
  #arrivals: Arrival[] = [];
  #chars = 0;

  /** @param limit characters */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get first(): Arrival | undefined {
    return this.#arrivals[0];
  }

  /** Characters of the frames that wait. */
  get chars(): number {
    return this.#chars;
  }

  /** False where that is more than the server may send. */
  add(arrival: Arrival): boolean {
    this.#arrivals.push(arrival);
    this.#chars += arrival.text.length;
    return this.#chars <= this.#limit;
  }

  take(): Arrival | undefined {
    const arrival = this.#arrivals.shift();
    this.#chars -= arrival?.text.length ?? 0;
    return arrival;
  }

  clear(): void {
    this.#arrivals = [];
    this.#chars = 0;
  }
}
