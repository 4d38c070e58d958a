/** What a page can do so that nothing saved, or about to be, is lost with it. In Node there is nothing to do. */
import type {Remover} from './platform.js';

/** Has the browser ask before the page is closed. It costs the back-forward cache: only for as long as it is needed. */
export function holdPage(): Remover {
  if (!globalThis.document) return () => {};
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener('beforeunload', ask);
  return () => removeEventListener('beforeunload', ask);
}

/**
 * Asks the browser to keep this site's data when space runs short, once somebody has used the page: some browsers ask the
 * person in turn. Resolves to false where it is too early to ask.
 */
export async function askToPersist(): Promise<boolean> {
  const {storage, userActivation} = globalThis.navigator ?? {};
  if (!storage?.persist) return true;
  if (userActivation && !userActivation.hasBeenActive) return false;
  if (!(await storage.persisted())) await storage.persist();
  return true;
}
