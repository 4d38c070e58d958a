/** English. A translation is a file like this one. */
import type {Texts} from './texts.js';

export const en: Texts = {
  lang: 'en',
  saved: 'Saved',
  offline: 'Offline',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting…',
  syncing: 'Syncing…',
  notConnected: 'Not connected',
  signInToSync: 'Sign in to sync',
  waiting: (count, format) => format.plural(count, {one: '# change waiting', other: '# changes waiting'}),
  onThisDevice: (count, format) =>
    format.plural(count, {one: '# change saved on this device', other: '# changes saved on this device'}),
  inThisTab: (count, format) =>
    format.plural(count, {one: '# change kept only in this tab', other: '# changes kept only in this tab'}),
  notKept: 'nothing is kept on this device',
  attention: (count, format) =>
    format.plural(count, {one: '# change needs your attention', other: '# changes need your attention'}),
  progress: (received, total, format) =>
    total === null ? format.number(received) : `${format.number(received)} of ${format.number(total)}`,
  justNow: 'just now',
  lastSynced: ago => `last synced ${ago}`,
  failure: {
    retry: 'Sync was interrupted',
    'sign-in': 'Sign in to sync',
    'free-space': 'This device is out of space',
    reload: 'This page is out of date',
    review: 'Some changes need your attention',
    none: 'Sync has stopped',
  },
  tryNow: 'Try now',
  tryAgain: 'Try again',
  signIn: 'Sign in',
  reload: 'Reload',
};
