/** Module workers: from this origin, from another one, and under Trusted Types. */
import {pageUrl} from './browser-page.js';

const MODULE: WorkerOptions = {type: 'module'};

/** Whether a dedicated worker can be made at all. */
export function hasWorkers(): boolean {
  return typeof globalThis.Worker === 'function';
}

/**
 * What a `new Worker(…)` would start, without starting it. Bundlers rewrite that expression where it is written out, and
 * only its evaluation tells what they made of it; but under Trusted Types, and from another origin, it can't be started so.
 * @param written evaluated once, at once; nobody else sees the constructor it is given
 */
export function writtenWorker(written: () => Worker): {url: string; options: WorkerOptions | undefined} {
  const native = globalThis.Worker;
  let url = '';
  let options: WorkerOptions | undefined;
  globalThis.Worker = class {
    constructor(givenUrl: string | URL, givenOptions?: WorkerOptions) {
      url = String(givenUrl);
      options = givenOptions;
    }
  } as unknown as typeof Worker;
  try {
    written();
  } finally {
    globalThis.Worker = native;
  }
  return {url, options};
}

/**
 * A module worker from the address of its file. Browsers start none from another origin, but a script of one line that
 * imports it: that wants CORS headers on the file, and both that origin and `blob:` in `worker-src`.
 * @throws what the browser throws where it refuses to try; what it finds out later comes as the worker's `error`
 */
export function startWorker(url: string | URL, options: WorkerOptions = MODULE): Worker {
  const {href, origin} = new URL(url, pageUrl());
  if (origin === globalThis.origin) return make(href, options);
  const script = URL.createObjectURL(new Blob([`import ${JSON.stringify(href)};`], {type: 'text/javascript'}));
  try {
    return make(script, MODULE);
  } finally {
    // The worker has taken hold of it: what an address of a blob means is settled when it is parsed.
    URL.revokeObjectURL(script);
  }
}

/** Under Trusted Types an address must come from a policy, which is asked for only then: asking can be a violation. */
function make(url: string, options: WorkerOptions): Worker {
  try {
    return new Worker(url, options);
  } catch (refusal) {
    policy ??= (globalThis as {trustedTypes?: TrustedTypes}).trustedTypes?.createPolicy('sync-elements', {
      createScriptURL: text => text,
    });
    if (!policy) throw refusal;
    return new Worker(policy.createScriptURL(url), options);
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
