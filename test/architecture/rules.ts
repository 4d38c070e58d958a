/**
 * The rules of the architecture, as data, and the functions that hold a source to them. Each returns sentences; none
 * means the rule is kept. docs/ and the header comments of the rooms say why the rules are as they are.
 */
import {builtinModules} from 'node:module';
import {posix} from 'node:path';
import type {Import, Source} from './source.js';

interface Arrows {
  /** Rooms whose code it may load. */
  code: readonly string[];
  /** Rooms of which it may, besides, know types. */
  types?: readonly string[];
  /** Packages it may use. */
  packages?: readonly string[];
}

const BELOW_WORKER = ['protocol', 'platform', 'state', 'database', 'tracker', 'queue', 'handler'];

/** Who may import whom. A room always may import itself; `index` is src/index.ts, the public entry. */
export const ARROWS: Readonly<Record<string, Arrows>> = {
  protocol: {code: []},
  // Its storage port raises the package's own errors; a second kind would only be translated at every call.
  // What it loads by a computed address is an option of the user's.
  platform: {code: ['protocol'], packages: ['idb-keyval', '(computed)']},
  state: {code: ['protocol', 'platform']},
  // Of Dexie an adapter knows the types only: the user brings theirs.
  database: {code: ['protocol', 'platform'], types: ['state'], packages: ['idb-keyval', 'dexie']},
  tracker: {code: ['protocol', 'platform', 'state'], types: ['database']},
  queue: {code: ['protocol', 'platform', 'state'], types: ['database']},
  handler: {code: ['protocol', 'platform', 'state'], types: ['database']},
  worker: {code: BELOW_WORKER},
  // The manager runs the engine in the page where there can be no worker (D6), and loads it then.
  manager: {code: ['protocol', 'platform', 'state', 'worker'], types: ['database']},
  // Serves a database of the user's own to the engine, and loads what that takes then.
  service: {code: ['protocol', 'platform', 'state', 'manager', 'database']},
  index: {code: [...BELOW_WORKER, 'worker', 'manager', 'service']},
  // Stands on the service as a user does, and reads the plan's frames by the package's own checks.
  compat: {code: ['protocol', 'platform', 'service'], types: ['database']},
  components: {code: ['index'], packages: ['lit', '@lit/reactive-element']},
  // Fakes answer by the same pure functions as the real ones; of the elements they know what these ask of a service.
  testing: {code: ['index', 'protocol', 'state', 'database', 'service'], types: ['components']},
  // The engine and the server in one process, on ports of its own. For Node.
  simulation: {code: [...BELOW_WORKER, 'worker', 'server'], packages: ['ws']},
  server: {code: ['protocol'], packages: ['ws', '@electric-sql/pglite', 'pg']},
};

/** The room a file of the repository lies in, or undefined for a file directly in src/ that isn't the entry. */
export function roomOf(path: string): string | undefined {
  const [top, second, third] = path.split('/');
  if (path.startsWith('testing/simulation/')) return 'simulation';
  if (top !== 'src') return top;
  if (third === undefined) return second === 'index.ts' ? 'index' : undefined;
  return second;
}

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

function judgeImport(from: string, path: string, {specifier, typeOnly}: Import): string | undefined {
  const arrows = ARROWS[from];
  if (arrows === undefined) return `"${from}" is no room of the table in test/architecture/rules.ts`;
  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier);
    const isNode = specifier.startsWith('node:') || builtinModules.includes(name);
    if (isNode ? from === 'server' || from === 'simulation' : arrows.packages?.includes(name)) return undefined;
    return `${from} may not use ${specifier}`;
  }
  const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
  if (target.includes('/testing/')) return `what is published may not import ${target}, which isn't`;
  const to = roomOf(target);
  if (to === from || (to !== undefined && arrows.code.includes(to))) return undefined;
  if (typeOnly && to !== undefined && arrows.types?.includes(to)) return undefined;
  return `${from} may not import ${typeOnly ? 'types of' : 'code of'} ${to ?? target}`;
}

/** Rule (i): imports follow the arrows, dynamic ones too. */
export function judgeArrows({path, imports}: Source): string[] {
  const from = roomOf(path);
  if (from === undefined) return [`${path}: lies in no room`];
  return imports.flatMap(each => {
    const wrong = judgeImport(from, path, each);
    return wrong === undefined ? [] : [`${path}:${each.line}: ${wrong}`];
  });
}

/** What every JavaScript host has and what gives the same answer everywhere and always. All else is a port's business. */
const PURE = new Set(
  `Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView Error AggregateError EvalError RangeError
  ReferenceError SyntaxError TypeError URIError Float32Array Float64Array Infinity Int8Array Int16Array Int32Array
  Iterator JSON Map NaN Number Object Promise Proxy Reflect RegExp Set String Symbol Uint8Array Uint8ClampedArray
  Uint16Array Uint32Array WeakMap WeakRef WeakSet FinalizationRegistry Intl Math Date undefined arguments parseInt
  parseFloat isNaN isFinite encodeURIComponent decodeURIComponent
  URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal EventTarget Event CustomEvent DOMException
  structuredClone queueMicrotask`.split(/\s+/),
);

/** Members of pure things that aren't: the clock and the dice. */
const IMPURE = new Set(['Date.now', 'Date()', 'Math.random', 'AbortSignal.timeout']);

/** Files outside src/platform that may touch the world, which names of it, and why. */
export const EXCEPTIONS: Readonly<Record<string, {names: readonly string[]; why: string}>> = {
  'src/worker/spawn-worker.ts': {
    names: ['Worker'],
    why: 'bundlers look for the literal `new Worker(new URL(…))` and for nothing else',
  },
};

/** Rule (ii): only src/platform touches the world. */
export function judgeOutside({path, outside}: Source): string[] {
  if (path.startsWith('src/platform/')) return [];
  const allowed = EXCEPTIONS[path]?.names ?? [];
  return outside.flatMap(({name, line}) => {
    const head = name.split(/[.(]/)[0] ?? name;
    if (allowed.includes(head) || (PURE.has(head) && !IMPURE.has(name))) return [];
    return [`${path}:${line}: takes ${name} from outside; only src/platform may`];
  });
}

/** The two sizes of src/ count code: docs/decisions.md says why, and why they are what they are. */
export const LIMITS = {coreLines: 9_900, compatLines: 1_070, fileLines: 300};

/** Rule (iii), first half: the core can be read in a weekend, and what is there for old clients only stays aside. */
export function judgeCoreSize(sources: readonly Source[]): string[] {
  const compat = sources.filter(({path}) => roomOf(path) === 'compat');
  const core = sources.filter(({path}) => roomOf(path) !== 'compat');
  const lines = (some: readonly Source[]) => some.reduce((sum, source) => sum + source.codeLines, 0);
  const judge = (what: string, count: number, most: number) =>
    count > most ? [`${what} has ${count} lines of code; ${most} is the most`] : [];
  return [
    ...judge('src/ without compat', lines(core), LIMITS.coreLines),
    ...judge('src/compat', lines(compat), LIMITS.compatLines),
  ];
}

/** Rule (iii), second half: files are small. */
export function judgeFileSize({path, lines}: Source): string[] {
  return lines > LIMITS.fileLines ? [`${path} has ${lines} lines; ${LIMITS.fileLines} is the most`] : [];
}

/** Rule (iv): a room opens with a file that carries its name and says what the room is for. */
export function judgeRoomHeaders(sources: readonly Source[]): string[] {
  const rooms = new Set(sources.map(({path}) => path.split('/')).flatMap(([, room, file]) => (file ? [room] : [])));
  return [...rooms].flatMap(room => {
    const path = `src/${room}/${room}.ts`;
    const opening = sources.find(source => source.path === path);
    if (opening === undefined) return [`${path} is missing: the file that says what the room is for`];
    return opening.text.startsWith('/**') ? [] : [`${path} doesn't begin with a header comment`];
  });
}

/** The codes that have an entry in docs/errors.md: a heading or the first cell of a table row, in backticks. */
export function documentedCodes(markdown: string): Set<string> {
  return new Set([...markdown.matchAll(/^(?:#+|\|)\s*`([a-z0-9-]+)`/gm)].map(match => match[1] ?? ''));
}

/** Rule (v): each error code that is raised is stable, kebab-case, and has its entry. */
export function judgeErrorCodes({path, errorCodes}: Source, documented: ReadonlySet<string>): string[] {
  return errorCodes.flatMap(({code, line}) => {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(code)) return [`${path}:${line}: the code "${code}" isn't kebab-case`];
    return documented.has(code) ? [] : [`${path}:${line}: docs/errors.md has no entry for \`${code}\``];
  });
}
