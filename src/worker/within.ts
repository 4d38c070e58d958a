import type {Clock} from '../platform/platform.js';

/** Waits for the work, but no longer than that. It goes on all the same. */
export async function within(clock: Clock, ms: number, work: Promise<unknown> | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const cancel = clock.timer(ms, resolve);
    Promise.resolve(work)
      .finally(cancel)
      .then(() => resolve(), reject);
  });
}
