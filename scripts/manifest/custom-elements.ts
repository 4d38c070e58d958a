/** The manifest that tools read: custom-elements.json, schema 2.1 (webcomponents/custom-elements-manifest). */
import type {NamedTag} from './doc-comment.js';
import type {ElementFacts} from './elements.js';
import type {Field, Method} from './members.js';

const built = (path: string) => `dist/${path.replace(/\.ts$/, '.js')}`;

export function customElementsManifest(elements: readonly ElementFacts[]): object {
  return {
    schemaVersion: '2.1.0',
    readme: 'README.md',
    modules: elements.flatMap(element => [
      {
        kind: 'javascript-module',
        path: built(element.path),
        declarations: [declaration(element)],
        exports: [{kind: 'js', name: element.className, declaration: reference(element)}],
      },
      {
        kind: 'javascript-module',
        path: built(element.path.replace('components/', 'components/define/')),
        declarations: [],
        exports: [{kind: 'custom-element-definition', name: element.tag, declaration: reference(element)}],
      },
    ]),
  };
}

const reference = ({className, path}: ElementFacts) => ({name: className, module: built(path)});

function declaration(element: ElementFacts): object {
  return {
    kind: 'class',
    name: element.className,
    tagName: element.tag,
    customElement: true,
    summary: element.summary,
    description: element.description,
    superclass: {
      name: element.superclass,
      package: element.superclass === 'LitElement' ? 'lit' : '@lit/reactive-element',
    },
    attributes: attributesOf(element),
    members: [...element.fields.map(field), ...element.methods.map(method)],
    events: element.events.map(({name, type = 'Event', description}) => ({name, type: {text: type}, description})),
    slots: element.slots.map(named),
    cssParts: element.parts.map(named),
    cssProperties: element.properties.map(named),
    cssStates: element.states.map(named),
  };
}

export interface Attribute {
  name: string;
  type: {text: string};
  description: string;
  default?: string;
  /** Without it the attribute is the element's to set, and others' to read. */
  fieldName?: string;
}

export function attributesOf({fields, attributes}: ElementFacts): Attribute[] {
  return [
    ...fields.flatMap(({name, attribute, values, description, initial}) =>
      attribute
        ? [
            {
              name: attribute.name,
              type: {text: values.length > 0 ? values.map(value => `'${value}'`).join(' | ') : attribute.kind},
              description,
              ...(initial === undefined ? {} : {default: initial}),
              fieldName: name,
            },
          ]
        : [],
    ),
    ...attributes.map(({name, description}) => ({name, type: {text: 'string'}, description})),
  ];
}

const named = ({name, default: initial, description}: NamedTag) => ({
  name,
  ...(initial === undefined ? {} : {default: initial}),
  description,
});

const field = ({name, type, description, readonly, initial, attribute}: Field) => ({
  kind: 'field',
  name,
  type: {text: type},
  description,
  ...(readonly ? {readonly} : {}),
  ...(initial === undefined ? {} : {default: initial}),
  ...(attribute ? {attribute: attribute.name} : {}),
  ...(attribute?.reflects ? {reflects: true} : {}),
});

const method = ({name, description, parameters, returns}: Method) => ({
  kind: 'method',
  name,
  description,
  parameters: parameters.map(({name, type, optional}) => ({name, type: {text: type}, ...(optional ? {optional} : {})})),
  return: {type: {text: returns}},
});
