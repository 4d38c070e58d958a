/** The operations of a service, read again whenever its counts or one of its operations change: once at a time. */
import type {QueuedOperation, SyncState} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';

export type Filter = 'all' | 'pending' | 'failed';

export class QueueReader {
  readonly #changed: () => void;
  #operations: readonly QueuedOperation[] | undefined;
  #service: SyncService | undefined;
  #reading = false;
  #again = false;
  #counts = '';

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** What needs a person first, then what waits; each oldest first. Undefined until it was read. */
  select(filter: Filter): readonly QueuedOperation[] | undefined {
    const of = (failed: boolean) => this.#operations?.filter(({stage}) => (stage === 'failed') === failed);
    if (filter === 'failed') return of(true);
    const pending = of(false);
    return filter === 'pending' ? pending : pending && [...(of(true) ?? []), ...pending];
  }

  follow(service: SyncService): () => void {
    this.#service = service;
    const read = () => void this.#read();
    const stops = [
      service.onStateChange(state => {
        if (countsOf(state) !== this.#counts) read();
      }),
      service.addEventListener('operation_complete', read),
      service.addEventListener('operation_error', read),
    ];
    read();
    return () => {
      for (const stop of stops) stop();
      this.#service = this.#operations = undefined;
    };
  }

  async #read(): Promise<void> {
    this.#again = this.#reading;
    if (this.#reading) return;
    this.#reading = true;
    const service = this.#service;
    try {
      this.#counts = service ? countsOf(service.getState()) : '';
      const operations = await service?.operations();
      if (service === this.#service) this.#operations = operations;
    } catch {
      // The state says what is wrong; what was read before stays.
    }
    this.#reading = false;
    this.#changed();
    if (this.#again || service !== this.#service) await this.#read();
  }
}

const countsOf = ({pending, inFlight, failed}: SyncState) => `${pending} ${inFlight} ${failed}`;
