/** From attributes and properties to the options of a service: what is checked here is only what attributes add. */
import {type Logger, SyncError, type SyncOptions} from '../shared/core.js';

/** What of a provider decides which service it has. Null is an attribute that was removed. */
export interface ProviderSettings {
  url?: string | URL | null | undefined;
  database?: SyncOptions['database'] | null;
  user?: string | null | undefined;
  client?: string | null | undefined;
  types?: SyncOptions['types'] | string | null;
  mode?: string | null | undefined;
  worker?: SyncOptions['worker'] | null;
  log?: string | null | undefined;
  guard?: boolean | null | undefined;
  persist?: string | null | undefined;
  logger?: Logger | null | undefined;
  /** Whether the page has tokens to give decides; which one it gives is asked each time. */
  getToken?: SyncOptions['getToken'] | null;
}

const NAMES = [
  ...(['url', 'database', 'user', 'client', 'types', 'mode'] as const),
  ...(['worker', 'log', 'guard', 'persist', 'logger'] as const),
];
const MODES = ['auto', 'worker', 'page'] as const;
const LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
const SWITCH = ['on', 'off'] as const;
/** Longer than any URL that works anywhere; an attribute of 10 MB is a mistake, or an attack on the console. */
const MAX_ATTRIBUTE = 8192;

/** What decides, to be compared item by item. Addresses and filters of types are compared by what they say, the rest by identity. */
export function settingsOf(host: ProviderSettings): readonly unknown[] {
  const said = (value: unknown) =>
    value instanceof URL ? value.href : Array.isArray(value) ? JSON.stringify(value) : value || '';
  return [...NAMES.map(name => said(host[name])), typeof host.getToken === 'function'];
}

/** Throws SyncError `invalid-options` that names the attribute. */
export function optionsFrom(host: ProviderSettings): SyncOptions {
  const {url, types, persist} = host;
  if (!url) throw invalid('url', 'is empty');
  for (const name of NAMES) {
    const value = host[name];
    if (typeof value === 'string' && value.length > MAX_ATTRIBUTE) throw invalid(name, 'is too long');
  }
  const names = typeof types === 'string' ? typesFromAttribute(types) : types;
  const options: {[K in keyof SyncOptions]: SyncOptions[K] | undefined} = {
    url,
    getToken: typeof host.getToken === 'function' ? () => host.getToken?.() : undefined,
    database: host.database || undefined,
    user: host.user || undefined,
    clientId: host.client || undefined,
    types: names?.length ? names : undefined,
    mode: oneOf('mode', host.mode, MODES),
    worker: host.worker || undefined,
    logger: host.logger ?? oneOf('log', host.log, LEVELS),
    warnBeforeLeaving: host.guard || undefined,
    persist: persist ? oneOf('persist', persist, SWITCH) === 'on' : undefined,
  };
  const chosen = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(chosen) as unknown as SyncOptions;
}

/** Names of types in an attribute, between blanks or commas. */
export function typesFromAttribute(value: string | null): string[] | undefined {
  return value?.split(/[\s,]+/).filter(Boolean);
}

/** Undefined where nothing is said. */
function oneOf<T extends string>(name: string, value: string | null | undefined, allowed: readonly T[]): T | undefined {
  const found = allowed.find(item => item === value);
  if (value && !found) throw invalid(name, `must be one of ${allowed.join(', ')}`);
  return found;
}

/** Never quotes the value: a URL may carry credentials. */
function invalid(name: string, problem: string): SyncError {
  return new SyncError('invalid-options', `<sync-provider ${name}>: it ${problem}`);
}
