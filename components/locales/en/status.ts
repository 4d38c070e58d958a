/** What `<sync-status>` says. */
export const statusTexts = {
  saved: 'Saved',
  /** In place of `saved` where the server never says that it has kept something. */
  unconfirmed: 'Sent',
  offline: 'Offline',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting…',
  syncing: 'Syncing…',
  notConnected: 'Not connected',
  /** Changes that are on their way. */
  waiting: {one: '{n} change waiting', other: '{n} changes waiting'},
  /** Changes that are safe here until the line is back. */
  onThisDevice: {one: '{n} change saved on this device', other: '{n} changes saved on this device'},
  /** The same where storage is not durable: closing the tab loses them. */
  inThisTab: {one: '{n} change kept only in this tab', other: '{n} changes kept only in this tab'},
  /** Said whenever storage is not durable. */
  notKept: 'nothing is kept on this device',
  /** Changes the server refused. */
  attention: {one: '{n} change needs your attention', other: '{n} changes need your attention'},
  /** Rows received, of how many. */
  progress: '{n} of {total}',
  justNow: 'just now',
  /** `ago` is a relative time, or `justNow`. */
  lastSynced: 'last synced {ago}',
  /** One sentence for each thing a person can do about an error: `retry`, `free-space`, `reload`, nothing. */
  interrupted: 'Sync was interrupted',
  outOfSpace: 'This device is out of space',
  outOfDate: 'This page is out of date',
  stopped: 'Sync has stopped',
  signInToSync: 'Sign in to sync',
  tryNow: 'Try now',
  tryAgain: 'Try again',
  signIn: 'Sign in',
  reload: 'Reload',
  details: 'Details',
};
