/**
 * For a second after the line has changed hands a person is shown what was the case before: the next tab is connected
 * within that, and a status that flickers tells nothing.
 */
import type {Clock, Remover} from '../platform/platform.js';
import type {ConnectionFacts} from '../state/state.js';

const LIMIT = 1000;

export class Handover {
  #phase: ConnectionFacts['handover'];
  readonly #cancel: Remover;

  /** @param before the line's phase in the hands of the former leader */
  constructor(clock: Clock, before: ConnectionFacts['phase'], changed: () => void) {
    this.#phase = before === 'live' || before === 'syncing' ? before : null;
    this.#cancel = clock.timer(LIMIT, () => {
      this.#phase = null;
      changed();
    });
  }

  /** @param phase of the line now: the first try and what it catches up with is covered up, never a failure */
  during(phase: ConnectionFacts['phase']): ConnectionFacts['handover'] {
    return phase === 'connecting' || phase === 'syncing' ? this.#phase : null;
  }

  end(): void {
    this.#cancel();
    this.#phase = null;
  }
}
