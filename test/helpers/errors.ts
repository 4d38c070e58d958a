/** What was thrown, as a code: tests compare codes, never messages. */
import {SyncError} from '../../src/protocol/errors.js';

/** The code of the SyncError that `run` throws; fails where it throws nothing, or anything else. */
export function thrownCode(run: () => unknown): string {
  return thrown(run).code;
}

/** The SyncError that `run` throws. */
export function thrown(run: () => unknown): SyncError {
  try {
    run();
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw new Error(`Not a SyncError: ${String(error)}`, {cause: error});
  }
  throw new Error('Nothing was thrown');
}

/** The SyncError that `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<SyncError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw new Error(`Not a SyncError: ${String(error)}`, {cause: error});
  }
  throw new Error(`Nothing was rejected, but resolved to ${JSON.stringify(value)}`);
}

export async function rejectionCode(promise: Promise<unknown>): Promise<string> {
  return (await rejection(promise)).code;
}
