import {operationTexts} from './operation.js';

/** What `<sync-queue>` says. */
export const queueTexts = {
  ...operationTexts,
  changes: 'Changes',
  empty: 'Nothing is waiting',
  sent: 'Sending',
  applied: 'Confirming',
  attempts: {one: 'tried {n} time', other: 'tried {n} times'},
  content: 'Content',
  tryAgain: 'Try again',
  edit: 'Edit',
  discard: 'Discard',
  discarded: '{name}: discarded',
  undo: 'Undo',
  export: 'Export',
  showMore: 'Show {n} more',
  justNow: 'just now',
};
