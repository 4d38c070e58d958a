/** The fake that users have, as the tests of our own elements want it: one that has not begun. */
import {FakeService as UsersFake} from '../../testing/fake-service.js';
import {IDLE_STATE, type QueuedOperation, type SyncOptions, type SyncState} from '../shared/core.js';

export class FakeService extends UsersFake {
  /** What a provider made it with. */
  readonly options: SyncOptions | undefined;

  constructor(options?: SyncOptions) {
    super({state: IDLE_STATE});
    this.options = options;
  }

  /** How often a method was called. */
  times(method: string): number {
    return this.calls.filter(call => call.method === method).length;
  }

  become(change: Partial<SyncState>): void {
    this.setState(change);
  }

  set queue(operations: readonly QueuedOperation[]) {
    this.setOperations(operations);
  }
}
