import {createSignal, onCleanup} from 'solid-js';

const KEY = 'work-offline:board-solid';

/**
 * The switch belongs to the device, not to a tab: all tabs share it, and a reload keeps it.
 * @returns {[() => boolean, (on: boolean) => void]}
 */
export function createWorkOffline() {
  const [offline, setOffline] = createSignal(localStorage.getItem(KEY) === 'yes');
  const follow = event => event.key === KEY && setOffline(event.newValue === 'yes');
  window.addEventListener('storage', follow);
  onCleanup(() => window.removeEventListener('storage', follow));
  const set = on => {
    localStorage.setItem(KEY, on ? 'yes' : 'no');
    setOffline(on);
  };
  return [offline, set];
}
