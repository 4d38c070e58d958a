import {operationTexts} from './operation.js';

/** What the details of `<sync-status>` say, besides the status itself. */
export const detailsTexts = {
  ...operationTexts,
  connection: 'Connection',
  connected: 'Connected',
  nextTry: 'Next try',
  synced: 'Last synced',
  /** When the oldest of what waits was written. */
  oldest: 'oldest from {ago}',
  /** Where there is more than is listed. */
  andMore: 'and {n} more',
  thisTab: 'This tab',
  /** This tab owns the socket. */
  leads: 'Holds the connection',
  /** Another tab owns it. */
  follows: 'Shares the connection of another tab',
  tabs: {one: '{n} tab open', other: '{n} tabs open'},
  storage: 'Storage',
  used: '{used} of {quota} used',
  /** The browser has not promised to keep the data. */
  mayClear: 'the browser may clear it when space runs out',
  close: 'Close',
};
