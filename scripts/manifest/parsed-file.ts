/** A file of `components/` with its syntax tree, its doc comments, and what it imports of the same folder. */
import {readFileSync} from 'node:fs';
import {posix} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type ESTree, parseSync, Visitor} from 'vite';
import {type Doc, parseDoc} from './doc-comment.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

export class ParsedFile {
  readonly path: string;
  readonly text: string;
  readonly program: ESTree.Program;
  /** Doc comments by the offset at which they end. */
  readonly #docs: readonly {end: number; doc: Doc}[];

  /** `path` is relative to the repository, with forward slashes. */
  constructor(path: string, text = readFileSync(`${root}/${path}`, 'utf8')) {
    const {program, comments, errors} = parseSync(path, text, {lang: 'ts', sourceType: 'module'});
    if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
    this.path = path;
    this.text = text;
    this.program = program;
    this.#docs = comments
      .filter(({type, value}) => type === 'Block' && value.startsWith('*'))
      .map(({value, end}) => ({end, doc: parseDoc(value)}));
  }

  /** The doc comment that stands right before a node. */
  docOf(node: {start: number}): Doc | undefined {
    return this.#docs.find(({end}) => end <= node.start && this.text.slice(end, node.start).trim() === '')?.doc;
  }

  /** The first doc comment that has a tag of that name. */
  docWith(tag: string): Doc | undefined {
    return this.#docs.find(({doc}) => doc.tags.some(each => each.name === tag))?.doc;
  }

  textOf({start, end}: {start: number; end: number}): string {
    return this.text.slice(start, end);
  }

  /** Files of `components/` that it imports, on demand or at once; not those of which it knows only types. */
  imports(): string[] {
    const found: string[] = [];
    const add = (source: ESTree.Node | null) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string' || !source.value.startsWith('.')) return;
      const path = posix.join(posix.dirname(this.path), source.value).replace(/\.js$/, '.ts');
      if (path.startsWith('components/')) found.push(path);
    };
    new Visitor({
      ImportDeclaration: node => {
        if (node.importKind !== 'type') add(node.source);
      },
      ImportExpression: node => add(node.source),
    }).visit(this.program);
    return found;
  }
}

/** A file and all it loads, itself first. */
export function closureOf(path: string, known = new Map<string, ParsedFile>()): ParsedFile[] {
  if (!known.has(path)) {
    const file = new ParsedFile(path);
    known.set(path, file);
    for (const next of file.imports()) closureOf(next, known);
  }
  return [...known.values()];
}
