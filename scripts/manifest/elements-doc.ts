/**
 * The reference in docs/elements.md: what a program can know of an element. It stands between two comments for each, and
 * what a person has to say stands around them. `npm run docs` writes it; a test says when it is out of date.
 */
import type {ElementFacts} from './elements.js';
import {sharedProperties} from './elements.js';

const PLACE = /<!-- reference: (?<of>[a-z-]+) -->\n[\s\S]*?<!-- end of reference -->/g;

/** The page with every reference written anew. Throws where an element has no place in it. */
export function withReference(page: string, elements: readonly ElementFacts[]): string {
  const written = new Set<string>();
  const result = page.replace(PLACE, (_all, of: string) => {
    written.add(of);
    const element = elements.find(({tag}) => tag === of);
    if (!element && of !== 'looks') throw new Error(`docs/elements.md has a reference of ${of}, which is no element`);
    const text = element ? reference(element) : looks();
    return `<!-- reference: ${of} -->\n\n${text}\n\n<!-- end of reference -->`;
  });
  const missing = [...elements.map(({tag}) => tag), 'looks'].find(name => !written.has(name));
  if (missing !== undefined) throw new Error(`docs/elements.md has no reference of ${missing}`);
  return result;
}

function reference({fields, methods, attributes, slots, events, parts, states}: ElementFacts): string {
  const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;
  const attributeOf = (name: string | undefined) => (name === undefined ? '' : code(name));
  return [
    table(
      ['attribute', 'property', 'type', 'what it is'],
      [
        ...fields.map(({attribute, name, type, readonly, description}) => [
          attributeOf(attribute?.name),
          code(name),
          `${code(bare(type))}${readonly ? ', to be read' : ''}`,
          description,
        ]),
        ...attributes.map(({name, description}) => [code(name), '', 'to be read', description]),
      ],
    ),
    table(
      ['method', 'what it does'],
      methods.map(({name, parameters, description}) => [
        code(`${name}(${parameters.map(each => `${each.name}${each.optional ? '?' : ''}`).join(', ')})`),
        description,
      ]),
    ),
    table(
      ['event', 'class', 'when'],
      events.map(({name, type = 'Event', description}) => [code(name), code(type), description]),
    ),
    table(
      ['slot', 'what goes there'],
      slots.map(({name, description}) => [name ? code(name) : '(default)', description]),
    ),
    table(
      ['part', 'what it is'],
      parts.map(({name, description}) => [code(name), description]),
    ),
    table(
      ['custom state', 'while'],
      states.map(({name, description}) => [code(name), description]),
    ),
  ]
    .filter(Boolean)
    .join('\n\n');
}

const looks = () =>
  table(
    ['property', 'default', 'what it is'],
    sharedProperties().map(({name, default: initial, description}) => [
      `\`${name}\``,
      initial ? `\`${initial}\`` : 'light and dark',
      description,
    ]),
  );

/** A type without what says only that it may be left out. */
const bare = (type: string) => type.replace(/ \| (null|undefined)\b/g, '');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
