/** How tests wait: for a rejection, for an event; never for time. */
import {SyncError} from '../shared/core.js';
import type {SyncProviderEventMap} from '../shared/events.js';

/** The code with which a promise rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing',
    thrown => SyncError.from(thrown).code,
  );
}

export function next<K extends keyof SyncProviderEventMap>(
  element: Element,
  type: K,
): Promise<SyncProviderEventMap[K]> {
  return new Promise(resolve => {
    element.addEventListener(type, event => resolve(event as SyncProviderEventMap[K]), {once: true});
  });
}
