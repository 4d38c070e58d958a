/**
 * The generated metadata says of each element what the code does, no more and no less. What is declared is read from
 * comments and types (scripts/manifest); what is done is read here from templates, styles, dispatches and the classes
 * themselves.
 */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import {ReactiveElement} from '@lit/reactive-element';
import {LitElement} from 'lit';
import {type ESTree, Visitor} from 'vite';
import * as classes from '../../components/index.js';
import {customElementsManifest} from '../../scripts/manifest/custom-elements.js';
import {vsCodeData, webTypes} from '../../scripts/manifest/editors.js';
import {readElements, readProperties, sharedProperties} from '../../scripts/manifest/elements.js';
import {withReference} from '../../scripts/manifest/elements-doc.js';
import {closureOf, type ParsedFile} from '../../scripts/manifest/parsed-file.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const elements = readElements();
const names = (items: readonly {name: string}[]) => items.map(({name}) => name).sort();
const sorted = (items: Iterable<string>) => [...new Set(items)].sort();

interface LitClass {
  elementProperties: Map<string, {attribute?: boolean | string; reflect?: boolean}>;
  observedAttributes: string[];
  prototype: object;
}
const exported = classes as unknown as Record<string, LitClass>;
/** Lit puts a class in order when its attributes are asked for first, which the browser does at its registration. */
const classOf = (name: string) => {
  const found = exported[name];
  assert.ok(found?.observedAttributes, name);
  return found;
};

/** Own members of a class and of those of ours it stands on, down to Lit's. */
function membersOf({prototype}: LitClass): string[] {
  const found: string[] = [];
  for (let at = prototype; at !== LitElement.prototype && at !== ReactiveElement.prototype; ) {
    found.push(...Object.getOwnPropertyNames(at));
    at = Object.getPrototypeOf(at) as object;
  }
  return found;
}

/** What Lit and the browser call, and what is for subclasses. */
const INNER = /^(constructor|render|updated|firstUpdated|willUpdate|createService|present|\w+Callback|__.*|_\$.*)$/;

/** Texts of the templates of a file, and what its code does that a page can notice. */
function deeds({program}: ParsedFile) {
  const deeds = {templates: [] as string[], made: [] as string[], states: [] as string[], set: [] as string[]};
  const text = (node: ESTree.Node | undefined) =>
    node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
  new Visitor({
    TaggedTemplateExpression: ({tag, quasi}) => {
      if (tag.type === 'Identifier' && tag.name === 'html')
        deeds.templates.push(quasi.quasis.map(({value}) => value.raw).join('…'));
    },
    NewExpression: ({callee}) => {
      if (callee.type === 'Identifier') deeds.made.push(callee.name);
    },
    CallExpression: ({callee, arguments: [first, second]}) => {
      // An element that is made without a template, in the form of one.
      if (callee.type === 'Identifier' && callee.name === 'make' && second?.type === 'ObjectExpression') {
        const attributes = second.properties.flatMap(each =>
          each.type === 'Property' && each.key.type === 'Identifier' && text(each.value)
            ? [` ${each.key.name}="${text(each.value)}"`]
            : [],
        );
        deeds.templates.push(`<${text(first)}${attributes.join('')}>`);
      }
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
      const value = text(first);
      if (value === undefined) return;
      const {object, property} = callee;
      const onStates =
        object.type === 'MemberExpression' &&
        object.property.type === 'Identifier' &&
        object.property.name === 'states';
      if (property.name === 'add' && onStates) deeds.states.push(value);
      if (property.name === 'setAttribute' && object.type === 'ThisExpression') deeds.set.push(value);
    },
  }).visit(program);
  return deeds;
}

/** The events of components/shared/events.ts: class → name. */
const eventNames = new Map(
  [
    ...readFileSync(`${root}/components/shared/events.ts`, 'utf8').matchAll(
      /class (\w+) extends Event[\s\S]*?super\('([a-z-]+)'/g,
    ),
  ].map(([, className = '', name = '']) => [className, name] as const),
);
/** Every word of the status, from where it is declared. */
const statuses = [
  ...(/type SyncStatus =([\s\S]*?);/
    .exec(readFileSync(`${root}/src/protocol/model.ts`, 'utf8'))?.[1]
    ?.matchAll(/'([a-z-]+)'/g) ?? []),
].map(match => match[1] ?? '');

describe('the manifest', () => {
  it('has every element that is registered', () => {
    assert.deepEqual(
      sorted(elements.map(({className}) => className)),
      sorted(Object.keys(exported).filter(name => exported[name]?.prototype instanceof ReactiveElement)),
    );
    assert.ok(elements.length >= 6);
  });

  for (const element of elements) {
    const files = closureOf(element.path);
    const done = files.map(deeds);
    const own = classOf(element.className);
    describe(`of <${element.tag}>`, () => {
      it('has its properties and attributes', () => {
        const settable = element.fields.filter(({readonly}) => !readonly);
        assert.deepEqual(names(settable), sorted(own.elementProperties.keys() as Iterable<string>));
        assert.deepEqual(
          sorted(element.fields.flatMap(({attribute}) => (attribute ? [attribute.name] : []))),
          // A provider watches its id, which is every element's and no attribute of its own.
          sorted(own.observedAttributes.filter(name => name !== 'id')),
        );
        for (const {name, attribute} of settable) {
          assert.equal(attribute?.reflects ?? false, own.elementProperties.get(name)?.reflect ?? false, name);
        }
        assert.deepEqual(names(element.attributes), sorted(done.flatMap(({set}) => set)));
      });
      it('has its methods, and what can only be read', () => {
        const readOnly = element.fields.filter(({readonly}) => readonly);
        const found = membersOf(own).filter(name => !INNER.test(name) && !own.elementProperties.has(name));
        assert.deepEqual(names([...element.methods, ...readOnly]), sorted(found));
      });
      it('has its events, by name and class', () => {
        const made = done.flatMap(each => each.made).filter(name => eventNames.has(name));
        assert.deepEqual(sorted(element.events.map(({type = ''}) => type)), sorted(made));
        for (const {name, type = ''} of element.events) assert.equal(eventNames.get(type), name);
      });
      it('has its slots and parts', () => {
        const templates = done.flatMap(each => each.templates).join('\n');
        const slots = [...templates.matchAll(/<slot(?: name="([a-z]+)")?>/g)].map(match => match[1] ?? '');
        const parts = [...templates.matchAll(/\bpart="([a-z]+)"/g)].map(match => match[1] ?? '');
        assert.deepEqual(names(element.slots), sorted(slots));
        assert.deepEqual(names(element.parts), sorted(parts));
      });
      it('has its custom states', () => {
        const mirrors = files.some(({path}) => path === 'components/shared/status-states.ts');
        assert.deepEqual(
          names(element.states),
          sorted([...done.flatMap(each => each.states), ...(mirrors ? statuses : [])]),
        );
      });
      it('has the custom properties that its styles read', () => {
        const read = files.flatMap(({text}) => [...readProperties(text)]);
        assert.deepEqual(names(element.properties), sorted(read));
      });
      it('says something of everything', () => {
        const {summary, description, fields, methods, events, slots, parts, states, attributes} = element;
        assert.ok(summary && description);
        for (const each of [...fields, ...methods, ...events, ...slots, ...parts, ...states, ...attributes])
          assert.ok(each.description, `${element.tag}: ${each.name} has no words`);
      });
    });
  }

  it('names no custom property that nothing reads', () => {
    const read = elements.flatMap(({path}) => closureOf(path).flatMap(({text}) => [...readProperties(text)]));
    assert.deepEqual(names(sharedProperties()), sorted(read));
  });

  it('and what editors read name the same attributes', () => {
    const {modules} = customElementsManifest(elements) as {
      modules: {declarations: {tagName: string; attributes: {name: string; fieldName?: string}[]}[]}[];
    };
    const {tags} = vsCodeData(elements) as {tags: {name: string; attributes: {name: string}[]}[]};
    const {contributions} = webTypes(elements, {name: 'sync-elements', version: '0'}) as {
      contributions: {html: {elements: {name: string; attributes: {name: string}[]}[]}};
    };
    for (const {tagName, attributes} of modules.flatMap(({declarations}) => declarations)) {
      const writable = names(attributes.filter(({fieldName}) => fieldName !== undefined));
      assert.ok(writable.includes(tagName === 'sync-provider' ? 'url' : 'provider'));
      assert.deepEqual(names(tags.find(({name}) => name === tagName)?.attributes ?? []), writable);
      const web = contributions.html.elements.find(({name}) => name === tagName);
      assert.deepEqual(names(web?.attributes ?? []), writable);
    }
  });

  it('and the reference in docs/elements.md are the same: npm run docs', () => {
    const page = readFileSync(`${root}/docs/elements.md`, 'utf8');
    assert.equal(withReference(page, elements), page);
  });
});
