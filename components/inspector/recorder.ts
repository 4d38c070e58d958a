/** What the inspector remembers while it is open: what happened, and how many rows came in each second. */
import type {SyncState} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';

export interface Entry {
  /** Milliseconds since 1970. */
  at: number;
  what: string;
}

/** Entries kept, and seconds. */
const KEPT = 200;
export const SECONDS = 60;

export class Recorder {
  /** Newest first. */
  readonly entries: Entry[] = [];
  /** Rows of each of the last seconds, oldest first; the last one is under way. */
  readonly rates: number[] = new Array(SECONDS).fill(0);
  readonly #changed: () => void;
  #received = 0;
  #status: string | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  note(what: string, at = Date.now()): void {
    this.entries.unshift({at, what});
    this.entries.length = Math.min(this.entries.length, KEPT);
    this.#changed();
  }

  follow(service: SyncService): () => void {
    const listening = new AbortController();
    const {signal} = listening;
    const clock = setInterval(() => this.nextSecond(), 1000);
    const stop = service.onStateChange(state => this.#state(state));
    this.#state(service.getState());
    service.addEventListener('connected', ({clientId}) => this.note(`connected as ${clientId}`), {signal});
    service.addEventListener('disconnected', ({code, reason}) => this.note(`disconnected: ${code} ${reason}`), {
      signal,
    });
    service.addEventListener('reconnecting', ({attempt}) => this.note(`reconnecting, attempt ${attempt}`), {signal});
    service.addEventListener('sync_started', ({mode}) => this.note(`sync started: ${mode}`), {signal});
    service.addEventListener('sync_completed', ({lsn}) => this.note(`sync completed at ${lsn}`), {signal});
    service.addEventListener('error', ({code, message}) => this.note(`${code}: ${message}`), {signal});
    service.addEventListener('operation_error', ({id, error}) => this.note(`operation ${id}: ${error.code}`), {signal});
    service.addEventListener('changes', ({ids, count}) => this.#rows(count ?? ids?.length ?? 0), {signal});
    return () => {
      stop();
      clearInterval(clock);
      listening.abort();
    };
  }

  /** A second has passed. */
  nextSecond(): void {
    this.rates.shift();
    this.rates.push(0);
    this.#changed();
  }

  #state({status, progress}: SyncState): void {
    if (status !== this.#status) this.note(`status ${status}`);
    this.#status = status;
    // Rows of a transfer are counted as they come; what a commit touches is told by `changes`.
    const received = progress?.received ?? 0;
    if (received > this.#received) this.#rows(received - this.#received);
    this.#received = received;
    this.#changed();
  }

  #rows(count: number): void {
    this.rates[SECONDS - 1] = (this.rates[SECONDS - 1] ?? 0) + count;
  }
}
