/** Module workers: from this origin, from another one, and under Trusted Types. */
import {pageUrl} from './browser-page.js';

const MODULE = {type: 'module'} as const;

/** Whether a dedicated worker can be made at all. */
export function hasWorkers(): boolean {
  return typeof globalThis.Worker === 'function';
}

/**
 * A module worker from the address of its file. Browsers start none from another origin, but a script of one line that
 * imports it: that wants CORS headers on the file, and both that origin and `blob:` in `worker-src`.
 * @param plainly how to start one of this origin, for where a bundler must see it
 * @throws what the browser throws where it refuses to try; what it finds out later comes as the worker's `error`
 */
export function startWorker(url: string | URL, plainly = () => new Worker(url, MODULE)): Worker {
  const {href, origin} = new URL(url, pageUrl());
  if (origin === globalThis.origin) return trusted(href, plainly);
  const script = URL.createObjectURL(new Blob([`import ${JSON.stringify(href)};`], {type: 'text/javascript'}));
  try {
    return trusted(script, () => new Worker(script, MODULE));
  } finally {
    // The worker has taken hold of it: what an address of a blob means is settled when it is parsed.
    URL.revokeObjectURL(script);
  }
}

/** Under Trusted Types an address must come from a policy, which is asked for only then: asking can be a violation. */
function trusted(url: string, plainly: () => Worker): Worker {
  try {
    return plainly();
  } catch (refusal) {
    policy ??= (globalThis as {trustedTypes?: TrustedTypes}).trustedTypes?.createPolicy('sync-elements', {
      createScriptURL: text => text,
    });
    if (!policy) throw refusal;
    return new Worker(policy.createScriptURL(url), MODULE);
  }
}

/** One of a name is all that a page may make. */
let policy: TrustedTypePolicy | undefined;

/** As far as it is needed: the compiler's library does not know Trusted Types. */
interface TrustedTypes {
  createPolicy(name: string, rules: {createScriptURL(text: string): string}): TrustedTypePolicy;
}

interface TrustedTypePolicy {
  /** In truth a TrustedScriptURL, which a Worker takes where text is refused. */
  createScriptURL(text: string): string;
}
