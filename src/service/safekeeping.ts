/** Work that would be lost with the page, and the browser's promise to keep what is saved: each asked for when it matters. */
import type {Remover} from '../platform/platform.js';
import type {SyncState} from '../protocol/protocol.js';

export interface SafekeepingPorts {
  /** Has the browser ask before the page is closed, until the remover is called. */
  hold(): Remover;
  /** Resolves to false where it is too early to ask. */
  persist(): Promise<boolean>;
}

export class Safekeeping {
  readonly #ports: SafekeepingPorts;
  readonly #warns: boolean;
  #mayAsk: boolean;
  /** Writes that are not on the disk yet. */
  #saving = 0;
  /** Work is pending that nothing but this page holds. */
  #isVolatile = false;
  #release: Remover | undefined;

  constructor({warns, persists}: {warns: boolean; persists: boolean}, ports: SafekeepingPorts) {
    this.#warns = warns;
    this.#mayAsk = persists;
    this.#ports = ports;
  }

  /** Passes the write on; until it is done the page is held. */
  async during<T>(write: Promise<T>): Promise<T> {
    this.#saving++;
    this.#look();
    try {
      const result = await write;
      this.ask();
      return result;
    } finally {
      this.#saving--;
      this.#look();
    }
  }

  changed({durable, pending}: SyncState): void {
    this.#isVolatile = !durable && pending > 0;
    this.#look();
  }

  /** There is something to keep: asks the browser to, once. */
  ask(): void {
    if (!this.#mayAsk) return;
    this.#mayAsk = false;
    // Refused or failed it is as it was: the data may go when space runs short, and the state says so.
    this.#ports.persist().then(
      asked => {
        this.#mayAsk = !asked;
      },
      () => {},
    );
  }

  close(): void {
    this.#isVolatile = false;
    this.#look();
  }

  #look(): void {
    const holds = this.#warns && (this.#saving > 0 || this.#isVolatile);
    if (holds) this.#release ??= this.#ports.hold();
    else this.#release?.();
    if (!holds) this.#release = undefined;
  }
}
