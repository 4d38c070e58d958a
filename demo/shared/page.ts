/** What both pages do with their provider: find it, and bind the switch that holds its line closed. */
import type {SyncProvider} from 'sync-elements/components';

export function find<T extends Element>(selector: string): T {
  const element = document.querySelector<T>(selector);
  if (!element) throw new Error(`This page has no ${selector}.`);
  return element;
}

/**
 * Called before the provider has made its service, so that a page reloaded offline stays offline. The line belongs to a
 * local database, not to a tab: all tabs of one device share the switch, through localStorage.
 */
export function setUpProvider(database: string): SyncProvider {
  const provider = find<SyncProvider>('#sync');
  const hold = find<HTMLInputElement>('#hold');
  const key = `work-offline:${database}`;
  const show = (held: boolean) => {
    hold.checked = held;
    provider.paused = held;
  };
  provider.database = database;
  show(localStorage.getItem(key) === 'yes');
  hold.addEventListener('change', () => {
    localStorage.setItem(key, hold.checked ? 'yes' : 'no');
    show(hold.checked);
  });
  window.addEventListener('storage', event => {
    if (event.key === key) show(event.newValue === 'yes');
  });
  return provider;
}

/** A page may be opened as another device, which is a local database of its own: `?device=2`. */
export function deviceNumber(): number {
  const asked = Number(new URLSearchParams(location.search).get('device') ?? 1);
  return Number.isInteger(asked) && asked > 0 && asked < 100 ? asked : 1;
}
