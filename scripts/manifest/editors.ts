/** The same for editors: HTML custom data of VS Code, and web-types of JetBrains. */
import {attributesOf} from './custom-elements.js';
import type {ElementFacts} from './elements.js';

export function vsCodeData(elements: readonly ElementFacts[]): object {
  return {
    version: 1.1,
    tags: elements.map(element => ({
      name: element.tag,
      description: {kind: 'markdown', value: [element.summary, element.description, listing(element)].join('\n\n')},
      attributes: element.fields.flatMap(({attribute, description, values}) =>
        attribute
          ? [
              {
                name: attribute.name,
                description,
                // `v` says that the attribute alone is enough.
                ...(attribute.kind === 'boolean' ? {valueSet: 'v'} : {}),
                ...(values.length > 0 ? {values: values.map(name => ({name}))} : {}),
              },
            ]
          : [],
      ),
    })),
  };
}

/** What this format has no place for. */
function listing({events, slots, parts}: ElementFacts): string {
  const list = (title: string, items: readonly {name: string; description: string}[]) =>
    items.length === 0
      ? []
      : [
          `**${title}**`,
          ...items.map(({name, description}) => `- ${name ? `\`${name}\`` : 'default'}: ${description}`),
        ];
  return [...list('Events', events), ...list('Slots', slots), ...list('Parts', parts)].join('\n');
}

export function webTypes(elements: readonly ElementFacts[], {name, version}: {name: string; version: string}): object {
  return {
    $schema: 'https://json.schemastore.org/web-types',
    name,
    version,
    'description-markup': 'markdown',
    contributions: {html: {elements: elements.map(webTypesElement)}},
  };
}

function webTypesElement(element: ElementFacts): object {
  const {tag, className, summary, description, fields, events, slots, parts, properties, states} = element;
  return {
    name: tag,
    description: `${summary}\n\n${description}`,
    source: {module: `sync-elements/components/${tag}`, symbol: className},
    attributes: attributesOf(element)
      .filter(({fieldName}) => fieldName !== undefined)
      .map(({name, description, type, default: initial}) => ({
        name,
        description,
        value: {type: type.text, required: type.text !== 'boolean'},
        ...(initial === undefined ? {} : {default: initial.replaceAll("'", '')}),
      })),
    slots: slots.map(({name, description}) => ({name, description})),
    js: {
      properties: fields.map(({name, description, type, readonly}) => ({
        name,
        description,
        type,
        ...(readonly ? {'read-only': true} : {}),
      })),
      events: events.map(({name, description, type}) => ({name, description, type})),
    },
    css: {
      parts: parts.map(({name, description}) => ({name, description})),
      properties: properties.map(({name, description}) => ({name, description})),
      'pseudo-classes': states.map(({name, description}) => ({name: `state(${name})`, description})),
    },
  };
}
