/** What follows a commit of live rows, once for several: the pages that wait for the rows come first. */
import type {Clock} from '../platform/platform.js';
import {Soon} from '../platform/soon.js';

interface Receipt {
  stream: number;
  n: number;
}

export interface AftermathHooks {
  /** The server is told that this frame, and those before, are durable. */
  acknowledge(receipt: Receipt): void;
  /** The rows reach further. */
  changed(): void;
}

export class Aftermath {
  readonly #hooks: AftermathHooks;
  readonly #soon: Soon;
  #receipt: Receipt | undefined;

  constructor(clock: Clock, hooks: AftermathHooks) {
    this.#hooks = hooks;
    this.#soon = new Soon(clock, () => {
      this.#acknowledge();
      hooks.changed();
    });
  }

  committed(): void {
    this.#soon.ask();
  }

  /** @param isLive otherwise the server waits for it to send more */
  received(stream: number, n: number, isLive: boolean): void {
    this.#receipt = {stream, n};
    if (isLive) this.#soon.ask();
    else this.#acknowledge();
  }

  /** The socket is gone: what is not told yet says nothing on the next one. */
  drop(): void {
    this.#receipt = undefined;
    this.#soon.drop();
  }

  #acknowledge(): void {
    const receipt = this.#receipt;
    this.#receipt = undefined;
    if (receipt) this.#hooks.acknowledge(receipt);
  }
}
