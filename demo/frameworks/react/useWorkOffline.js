import {useSyncExternalStore} from 'react';

const KEY = 'work-offline:board-react';

function subscribe(changed) {
  window.addEventListener('storage', changed);
  return () => window.removeEventListener('storage', changed);
}

/**
 * The switch belongs to the device, not to a tab: all tabs share it, and a reload keeps it.
 * @returns {[boolean, (on: boolean) => void]}
 */
export function useWorkOffline() {
  const offline = useSyncExternalStore(subscribe, () => localStorage.getItem(KEY) === 'yes');
  const set = on => {
    localStorage.setItem(KEY, on ? 'yes' : 'no');
    // The browser tells the other tabs; this one has to be told as well.
    window.dispatchEvent(new StorageEvent('storage', {key: KEY}));
  };
  return [offline, set];
}
