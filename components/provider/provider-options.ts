/** From attributes and properties to the options of a service: what is checked here is only what attributes add. */
import {type Logger, type LogLevel, SyncError, type SyncOptions} from '../shared/core.js';

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

const MODES = ['auto', 'worker', 'page'] as const;
const LEVELS: readonly LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];
const SWITCH = ['on', 'off'] as const;
/** Longer than any URL that works anywhere; an attribute of 10 MB is a mistake, or an attack on the console. */
const MAX_ATTRIBUTE = 8192;

/** Throws SyncError `invalid-options` that names the attribute. */
export function optionsFrom(settings: ProviderSettings, getToken: SyncOptions['getToken']): SyncOptions {
  const url = settings.url ?? '';
  if (url === '') throw invalid('url', 'is empty');
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'string' && value.length > MAX_ATTRIBUTE) throw invalid(name, 'is too long');
  }
  const options: SyncOptions = {url};
  if (settings.hasToken && getToken) options.getToken = getToken;
  if (settings.database) options.database = settings.database;
  if (settings.user) options.user = settings.user;
  if (settings.client) options.clientId = settings.client;
  const types = typeof settings.types === 'string' ? typesFromAttribute(settings.types) : settings.types;
  if (types?.length) options.types = types;
  if (settings.mode) options.mode = oneOf('mode', settings.mode, MODES);
  if (settings.worker) options.worker = settings.worker;
  if (settings.logger) options.logger = settings.logger;
  else if (settings.log) options.logger = oneOf('log', settings.log, LEVELS);
  if (settings.guard) options.warnBeforeLeaving = true;
  if (settings.persist) options.persist = oneOf('persist', settings.persist, SWITCH) === 'on';
  return options;
}

/** Names of types in an attribute, between blanks or commas. */
export function typesFromAttribute(value: string | null): string[] | undefined {
  return value?.split(/[\s,]+/).filter(Boolean);
}

/** Whether both ask for the same service. Filters of types are compared by what they say, the rest by identity. */
export function sameSettings(a: ProviderSettings, b: ProviderSettings): boolean {
  const text = (types: ProviderSettings['types']) => JSON.stringify(types ?? null);
  return (
    String(a.url ?? '') === String(b.url ?? '') &&
    (a.database ?? '') === (b.database ?? '') &&
    (a.user ?? '') === (b.user ?? '') &&
    (a.client ?? '') === (b.client ?? '') &&
    (a.mode ?? '') === (b.mode ?? '') &&
    (a.worker ?? '') === (b.worker ?? '') &&
    (a.log ?? '') === (b.log ?? '') &&
    (a.guard ?? false) === (b.guard ?? false) &&
    (a.persist ?? '') === (b.persist ?? '') &&
    (a.logger ?? null) === (b.logger ?? null) &&
    (a.hasToken ?? false) === (b.hasToken ?? false) &&
    text(a.types) === text(b.types)
  );
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find(item => item === value);
  if (!found) throw invalid(name, `must be one of ${allowed.join(', ')}`);
  return found;
}

/** Never quotes the value: a URL may carry credentials. */
function invalid(name: string, problem: string): SyncError {
  return new SyncError('invalid-options', `<sync-provider>: the attribute "${name}" ${problem}.`);
}
