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
  /** Whether the page has tokens to give; which one it gives is asked each time. */
  hasToken?: boolean;
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

export function settingsOf(host: Omit<ProviderSettings, 'hasToken'> & {getToken: unknown}): ProviderSettings {
  const hasToken = typeof host.getToken === 'function';
  return {...Object.fromEntries(NAMES.map(name => [name, host[name]])), hasToken};
}

/** Throws SyncError `invalid-options` that names the attribute. */
export function optionsFrom(settings: ProviderSettings, getToken: SyncOptions['getToken']): SyncOptions {
  const {url, types, persist, logger, log} = settings;
  if (!url) throw invalid('url', 'is empty');
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'string' && value.length > MAX_ATTRIBUTE) throw invalid(name, 'is too long');
  }
  const names = typeof types === 'string' ? typesFromAttribute(types) : types;
  const options: {[K in keyof SyncOptions]: SyncOptions[K] | undefined} = {
    url,
    getToken: settings.hasToken ? getToken : undefined,
    database: settings.database || undefined,
    user: settings.user || undefined,
    clientId: settings.client || undefined,
    types: names?.length ? names : undefined,
    mode: oneOf('mode', settings.mode, MODES),
    worker: settings.worker || undefined,
    logger: logger ?? oneOf('log', log, LEVELS),
    warnBeforeLeaving: settings.guard || undefined,
    persist: persist ? oneOf('persist', persist, SWITCH) === 'on' : undefined,
  };
  const chosen = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(chosen) as unknown as SyncOptions;
}

/** Names of types in an attribute, between blanks or commas. */
export function typesFromAttribute(value: string | null): string[] | undefined {
  return value?.split(/[\s,]+/).filter(Boolean);
}

/** Whether both ask for the same service. Filters of types are compared by what they say, the rest by identity. */
export function sameSettings(a: ProviderSettings, b: ProviderSettings): boolean {
  const said = ({url, types, ...rest}: ProviderSettings, name: keyof ProviderSettings) =>
    name === 'url' ? String(url ?? '') : name === 'types' ? JSON.stringify(types ?? null) : rest[name] || '';
  return [...NAMES, 'hasToken' as const].every(name => said(a, name) === said(b, name));
}

/** Undefined where nothing is said. */
function oneOf<T extends string>(name: string, value: string | null | undefined, allowed: readonly T[]): T | undefined {
  const found = allowed.find(item => item === value);
  if (value && !found) throw invalid(name, `must be one of ${allowed.join(', ')}`);
  return found;
}

/** Never quotes the value: a URL may carry credentials. */
function invalid(name: string, problem: string): SyncError {
  return new SyncError('invalid-options', `<sync-provider>: the attribute "${name}" ${problem}.`);
}
