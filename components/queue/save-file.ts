/** Hands a person a copy of their operations, payloads included, as a file of JSON. */
import type {QueuedOperation} from '../shared/core.js';

export function saveAsFile(operations: readonly QueuedOperation[]): void {
  const blob = new Blob([JSON.stringify(operations, null, 2)], {type: 'application/json'});
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `changes-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  // Once the download has begun the address is of no use; it begins within this task or the next.
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
