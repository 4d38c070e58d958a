/**
 * What each element declares: in the doc comment of its class, in `static properties`, and in the members with their own
 * comments. All generated metadata comes from here; test/tooling/manifest.test.ts holds it against what the code does.
 */
import {readdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import type {Doc} from './doc-comment.js';
import {type NamedTag, namedTags} from './doc-comment.js';
import {type Field, fieldsOf, type Method, methodsOf, superclassOf} from './members.js';
import {closureOf, ParsedFile} from './parsed-file.js';

export interface ElementFacts {
  tag: string;
  className: string;
  /** Of Lit's classes the one it stands on. */
  superclass: string;
  /** The file of the class, relative to the repository. */
  path: string;
  summary: string;
  description: string;
  fields: Field[];
  methods: Method[];
  /** Attributes that are no property's: set by the element, to be read. */
  attributes: NamedTag[];
  slots: NamedTag[];
  events: NamedTag[];
  parts: NamedTag[];
  states: NamedTag[];
  properties: NamedTag[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The elements, in the order of their names. */
export function readElements(): ElementFacts[] {
  return readdirSync(`${root}/components`)
    .filter(name => /^sync-[a-z]+\.ts$/.test(name))
    .sort()
    .map(name => readElement(`components/${name}`));
}

/** The custom properties that style sheets of ours read, with what they are. */
export function sharedProperties(): NamedTag[] {
  return namedTags(new ParsedFile('components/shared/tokens.ts').docWith('cssproperty'), 'cssproperty');
}

/** The custom properties that a text of CSS reads. */
export function readProperties(text: string): Set<string> {
  return new Set([...text.matchAll(/var\((--sync-[a-z-]+)/g)].map(match => match[1] ?? ''));
}

function readElement(path: string): ElementFacts {
  const [file, ...others] = closureOf(path);
  const found = file && exportedClass(file);
  if (!file || !found) throw new Error(`${path} exports no class`);
  const {node, doc} = found;
  const bases = [];
  let superclass = '';
  for (let name = superclassOf(node); name !== undefined; ) {
    superclass = name;
    const base = others.map(other => ({other, found: exportedClass(other, name)})).find(each => each.found);
    if (!base?.found) break;
    bases.push({file: base.other, node: base.found.node});
    name = superclassOf(base.found.node);
  }
  const classes = [{file, node}, ...bases];
  const read = new Set([file, ...others].flatMap(({text}) => [...readProperties(text)]));
  const tags = (name: string) => namedTags(doc, name);
  return {
    tag: path.replace(/^.*\/(.+)\.ts$/, '$1'),
    className: node.id?.name ?? '',
    superclass,
    path,
    summary: doc.tags.find(({name}) => name === 'summary')?.text ?? '',
    description: doc.description,
    fields: fieldsOf(classes),
    methods: methodsOf(classes),
    attributes: tags('attribute'),
    slots: tags('slot'),
    events: tags('event'),
    parts: tags('csspart'),
    states: tags('cssstate'),
    properties: sharedProperties().filter(({name}) => read.has(name)),
  };
}

function exportedClass(file: ParsedFile, name?: string) {
  for (const statement of file.program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration?.type !== 'ClassDeclaration') continue;
    const node = statement.declaration;
    if (name !== undefined && node.id?.name !== name) continue;
    const doc: Doc = file.docOf(statement) ?? {description: '', tags: []};
    return {node, doc};
  }
  return undefined;
}
