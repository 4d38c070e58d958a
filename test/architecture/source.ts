/**
 * What the architecture tests need to know about a TypeScript file: what it imports, which names it takes from outside,
 * which error codes it raises. Read from the syntax tree, so that comments and strings mean nothing and a local variable
 * may be called `fetch`.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {type ESTree, parseSync, Visitor} from 'vite';
import {freeNames} from './free-names.js';

export interface Import {
  specifier: string;
  /** Gone after compilation. `import {type A}` isn't: it still loads the module. */
  typeOnly: boolean;
  line: number;
}

/** A name, or a member such as `Date.now`, that the file gets from its surroundings. */
export interface Outside {
  name: string;
  line: number;
}

export interface Source {
  path: string;
  text: string;
  lines: number;
  /** Lines that hold code: comments, blank lines and import declarations apart. */
  codeLines: number;
  imports: Import[];
  outside: Outside[];
  /** First arguments of `new SyncError(…)`, as far as they are written there. */
  errorCodes: {code: string; line: number}[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));

function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return offset => starts.findLastIndex(start => start <= offset) + 1;
}

const stringOf = (node: ESTree.Node): string | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node.type === 'TemplateLiteral' && node.quasis.length === 1) return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
};

/** The texts an expression can come to: both sides of a condition, the literal itself. */
function possibleStrings(node: ESTree.Node): string[] {
  if (node.type === 'ConditionalExpression') {
    return [...possibleStrings(node.consequent), ...possibleStrings(node.alternate)];
  }
  if (node.type === 'LogicalExpression') return [...possibleStrings(node.left), ...possibleStrings(node.right)];
  const text = stringOf(node);
  return text === undefined ? [] : [text];
}

/** Reads one file. `path` is what reports call it, relative to the repository, with forward slashes. */
export function readSource(path: string, text = readFileSync(`${root}/${path}`, 'utf8')): Source {
  const {program, comments, errors} = parseSync(path, text, {lang: 'ts', sourceType: 'module'});
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const lineOf = lineCounter(text);
  const imports: Import[] = [];
  const apart = comments.map(({start, end}) => ({start, end}));
  const errorCodes: Source['errorCodes'] = [];
  const add = (node: ESTree.Node, source: ESTree.Node, typeOnly: boolean) =>
    imports.push({specifier: stringOf(source) ?? '(computed)', typeOnly, line: lineOf(node.start)});

  new Visitor({
    ImportDeclaration: node => {
      add(node, node.source, node.importKind === 'type');
      apart.push({start: node.start, end: node.end});
    },
    ExportAllDeclaration: node => add(node, node.source, node.exportKind === 'type'),
    ExportNamedDeclaration: node => {
      if (node.source) add(node, node.source, node.exportKind === 'type');
    },
    ImportExpression: node => add(node, node.source, false),
    TSImportType: node => add(node, node.source, true),
    NewExpression: node => {
      const [code] = node.arguments;
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'SyncError' || code === undefined) return;
      for (const each of possibleStrings(code)) errorCodes.push({code: each, line: lineOf(node.start)});
    },
  }).visit(program);

  const outside = freeNames(program).map(({name, start}) => ({name, line: lineOf(start)}));
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return {path, text, lines, codeLines: countCode(text, apart), imports, outside, errorCodes};
}

function countCode(text: string, apart: readonly {start: number; end: number}[]): number {
  const left = text.split('');
  for (const {start, end} of apart) {
    for (let at = start; at < end; at++) if (left[at] !== '\n') left[at] = ' ';
  }
  return left
    .join('')
    .split('\n')
    .filter(line => line.trim() !== '' && line.trim() !== ';').length;
}

/** The published TypeScript of a folder of the repository: without tests and their helpers in `testing/` folders. */
export function sourcesOf(folder: string): Source[] {
  let entries: string[];
  try {
    entries = readdirSync(`${root}/${folder}`, {recursive: true, encoding: 'utf8'});
  } catch {
    return [];
  }
  return entries
    .map(entry => `${folder}/${entry.replaceAll('\\', '/')}`)
    .filter(path => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('/testing/'))
    .sort()
    .map(path => readSource(path));
}
