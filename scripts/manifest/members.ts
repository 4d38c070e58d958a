/** The public members of a class: fields with their attributes and defaults, and methods. */
import type {ESTree} from 'vite';
import type {ParsedFile} from './parsed-file.js';

export interface Field {
  name: string;
  /** As it is written. */
  type: string;
  description: string;
  readonly: boolean;
  /** Undefined where there is none. */
  attribute: {name: string; kind: 'boolean' | 'number' | 'string'; reflects: boolean} | undefined;
  /** As it is written in the constructor. */
  initial: string | undefined;
  /** The texts it may be, where its type says so. */
  values: string[];
}

export interface Method {
  name: string;
  description: string;
  parameters: {name: string; type: string; optional: boolean}[];
  returns: string;
}

interface ClassIn {
  file: ParsedFile;
  node: ESTree.Class;
}
type Declared = Pick<Field, 'attribute'>;

export function superclassOf({superClass}: ESTree.Class): string | undefined {
  return superClass?.type === 'Identifier' ? superClass.name : undefined;
}

/** The class first, then those it stands on. */
export function fieldsOf(classes: readonly ClassIn[]): Field[] {
  const declared = new Map(classes.flatMap(each => [...reactiveProperties(each)]));
  const fields = classes.flatMap(each => {
    const initials = constants(each);
    return each.node.body.body.flatMap((member): Field[] => {
      const name = publicName(member);
      if (name === undefined || member.type === 'StaticBlock' || member.type === 'TSIndexSignature') return [];
      const isField = member.type === 'PropertyDefinition' && name !== 'addEventListener';
      const isGetter = member.type === 'MethodDefinition' && member.kind === 'get';
      if (!isField && !isGetter) return [];
      const type = isField ? member.typeAnnotation : member.type === 'MethodDefinition' && member.value.returnType;
      const written = type ? each.file.textOf(type.typeAnnotation) : 'unknown';
      const settable = each.node.body.body.some(
        other => other.type === 'MethodDefinition' && other.kind === 'set' && publicName(other) === name,
      );
      return [
        {
          name,
          type: written,
          description: each.file.docOf(member)?.description ?? '',
          readonly: isField ? member.readonly === true : !settable,
          attribute: declared.get(name)?.attribute,
          initial: initials.get(name),
          values: type ? literals(type.typeAnnotation) : [],
        },
      ];
    });
  });
  return fields.filter(({name}, at) => fields.findIndex(other => other.name === name) === at);
}

export function methodsOf(classes: readonly ClassIn[]): Method[] {
  const methods = new Map<string, Method>();
  for (const {file, node} of classes) {
    for (const member of node.body.body) {
      const name = publicName(member);
      if (name === undefined || member.type !== 'MethodDefinition' || member.kind !== 'method') continue;
      // What the browser or Lit calls is nobody else's.
      if (name.endsWith('Callback')) continue;
      const description = file.docOf(member)?.description ?? '';
      // Of several signatures the one that takes the most says what is ours.
      const known = methods.get(name);
      if (known && known.parameters.length >= member.value.params.length) continue;
      const type = member.value.returnType;
      methods.set(name, {
        name,
        description: description || (known?.description ?? ''),
        parameters: member.value.params.map(each => parameter(file, each)),
        returns: type ? file.textOf(type.typeAnnotation) : 'void',
      });
    }
  }
  return [...methods.values()];
}

function parameter(file: ParsedFile, node: ESTree.ParamPattern): Method['parameters'][number] {
  const inner = node.type === 'AssignmentPattern' ? node.left : node;
  if (inner.type !== 'Identifier') throw new Error(`${file.path}: ${file.textOf(node)} has no name`);
  const {typeAnnotation: type} = inner;
  return {
    name: inner.name,
    type: type ? file.textOf(type.typeAnnotation) : node.type === 'AssignmentPattern' ? 'boolean' : 'unknown',
    optional: inner !== node || Boolean(inner.optional),
  };
}

/** The name of a member that anybody may use. */
function publicName(member: ESTree.ClassElement): string | undefined {
  if (member.type !== 'PropertyDefinition' && member.type !== 'MethodDefinition') return undefined;
  const hidden = member.accessibility === 'private' || member.accessibility === 'protected';
  if (member.static || hidden || member.computed || member.key.type !== 'Identifier') return undefined;
  return member.key.name;
}

/** `static properties`, by name. */
function reactiveProperties({file, node}: ClassIn): Map<string, Declared> {
  const found = new Map<string, Declared>();
  for (const member of node.body.body) {
    if (member.type !== 'PropertyDefinition' || !member.static) continue;
    if (member.key.type !== 'Identifier' || member.key.name !== 'properties') continue;
    if (member.value?.type !== 'ObjectExpression') throw new Error(`${file.path}: properties can't be read`);
    for (const property of member.value.properties) {
      if (property.type !== 'Property' || property.key.type !== 'Identifier') continue;
      const {name} = property.key;
      const options = new Map<string, string>();
      if (property.value.type === 'ObjectExpression') {
        for (const option of property.value.properties) {
          if (option.type === 'Property' && option.key.type === 'Identifier')
            options.set(option.key.name, file.textOf(option.value));
        }
      }
      const kinds = {Boolean: 'boolean', Number: 'number'} as const;
      const kind = kinds[(options.get('type') ?? '') as keyof typeof kinds] ?? 'string';
      const attribute =
        options.get('attribute') === 'false'
          ? undefined
          : {name: name.toLowerCase(), kind, reflects: options.get('reflect') === 'true'};
      found.set(name, {attribute});
    }
  }
  return found;
}

/** What the constructor sets to something that is written there, or is a constant of the file. */
function constants({file, node}: ClassIn): Map<string, string> {
  const found = new Map<string, string>();
  const statements = node.body.body.flatMap(member =>
    member.type === 'MethodDefinition' && member.kind === 'constructor' ? (member.value.body?.body ?? []) : [],
  );
  for (const statement of statements) {
    let at = statement.type === 'ExpressionStatement' ? statement.expression : undefined;
    const names: string[] = [];
    while (at?.type === 'AssignmentExpression') {
      const {left} = at;
      const own = left.type === 'MemberExpression' && left.object.type === 'ThisExpression';
      if (own && left.property.type === 'Identifier') names.push(left.property.name);
      at = at.right;
    }
    const value = at?.type === 'Identifier' ? constant(file, at.name) : at;
    if (value?.type === 'Literal') for (const name of names) found.set(name, file.textOf(value));
  }
  return found;
}

function constant(file: ParsedFile, name: string): ESTree.Expression | null | undefined {
  for (const statement of file.program.body) {
    if (statement.type !== 'VariableDeclaration') continue;
    const found = statement.declarations.find(({id}) => id.type === 'Identifier' && id.name === name);
    if (found) return found.init;
  }
  return undefined;
}

/** The texts of a union of texts. */
function literals(type: ESTree.TSType): string[] {
  if (type.type === 'TSUnionType') return type.types.flatMap(literals);
  if (type.type !== 'TSLiteralType' || type.literal.type !== 'Literal') return [];
  return typeof type.literal.value === 'string' ? [type.literal.value] : [];
}
