/**
 * The names a module uses and doesn't declare: what it takes from its surroundings. Types don't count, they are gone at
 * run time. Block scopes are followed; `var` is treated as `let`, the code base has none.
 */
import type {ESTree} from 'vite';

export interface FreeName {
  /** `fetch`, or with the member where one is read by name: `Date.now`. `new Date()` without a time reads `Date()`. */
  name: string;
  start: number;
}

type Node = ESTree.Node;
type Fields = Record<string, unknown>;
type Scope = {names: Set<string>; parent: Scope | undefined};

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Fields)['type'] === 'string';

/** The nodes directly below a node. */
function children(node: Node): Node[] {
  return Object.values(node as unknown as Fields).flatMap(value =>
    Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [],
  );
}

/** What `declare` stands before tells the compiler about something from outside, and declares nothing. */
const isAmbient = (node: Node) => 'declare' in node && node.declare === true;

/** Nodes that exist for the compiler only. The others whose name begins with TS wrap an expression or make code. */
const isType = (node: Node) =>
  isAmbient(node) ||
  (node.type.startsWith('TS') &&
    ![
      'TSAsExpression',
      'TSNonNullExpression',
      'TSSatisfiesExpression',
      'TSTypeAssertion',
      'TSInstantiationExpression',
      'TSParameterProperty',
      'TSEnumDeclaration',
      'TSEnumBody',
      'TSEnumMember',
      'TSExportAssignment',
    ].includes(node.type));

const OPENS_SCOPE = new Set([
  'Program',
  'BlockStatement',
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
  'CatchClause',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'StaticBlock',
]);

/** The names that a pattern (a parameter, the left side of a declaration) declares. */
function declaredBy(pattern: Node | null | undefined): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap(property =>
        declaredBy(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap(declaredBy);
    case 'AssignmentPattern':
      return declaredBy(pattern.left);
    case 'RestElement':
      return declaredBy(pattern.argument);
    case 'TSParameterProperty':
      return declaredBy(pattern.parameter);
    default:
      return [];
  }
}

/** What a statement declares in the scope it stands in. */
function declarations(node: Node): string[] {
  if (isAmbient(node)) return [];
  switch (node.type) {
    case 'VariableDeclaration':
      return node.declarations.flatMap(({id}) => declaredBy(id));
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
      return declaredBy(node.id);
    case 'ImportDeclaration':
      return node.specifiers.map(({local}) => local.name);
    case 'SwitchCase':
      return node.consequent.flatMap(declarations);
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return node.declaration ? declarations(node.declaration) : [];
    default:
      return [];
  }
}

function namesIn(node: Node): string[] {
  const names = children(node).flatMap(declarations);
  if ('params' in node && Array.isArray(node.params)) names.push(...node.params.flatMap(declaredBy));
  if ('id' in node && isNode(node.id)) names.push(...declaredBy(node.id));
  if (node.type === 'CatchClause') names.push(...declaredBy(node.param));
  return names;
}

/** Children that are names of something, not uses of a variable. */
function isLabel(node: Node, child: Node): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return child === node.property && !node.computed;
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return child === node.key && !node.computed;
    case 'TSEnumMember':
      return child === node.id;
    case 'ExportSpecifier':
      return child === node.exported;
    case 'LabeledStatement':
      return child === node.label;
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'MetaProperty':
    case 'BreakStatement':
    case 'ContinueStatement':
      return true;
    default:
      return false;
  }
}

const isDeclared = (name: string, scope: Scope | undefined): boolean =>
  scope !== undefined && (scope.names.has(name) || isDeclared(name, scope.parent));

function describe(node: Extract<Node, {type: 'Identifier'}>, parent: Node): string {
  if (parent.type === 'MemberExpression' && parent.object === node) {
    const {property} = parent;
    if (!parent.computed && property.type === 'Identifier') return `${node.name}.${property.name}`;
    if (property.type === 'Literal') return `${node.name}.${property.value}`;
  }
  const called = parent.type === 'NewExpression' || parent.type === 'CallExpression';
  return called && parent.callee === node && parent.arguments.length === 0 ? `${node.name}()` : node.name;
}

export function freeNames(program: Node): FreeName[] {
  const found: FreeName[] = [];
  const visit = (node: Node, parent: Node, outer: Scope | undefined) => {
    if (isType(node)) return;
    const scope = OPENS_SCOPE.has(node.type) ? {names: new Set(namesIn(node)), parent: outer} : outer;
    if (node.type === 'Identifier' && !isDeclared(node.name, scope)) {
      found.push({name: describe(node, parent), start: node.start});
    }
    if (node.type === 'ExportNamedDeclaration' && node.source) return;
    for (const child of children(node)) if (!isLabel(node, child)) visit(child, node, scope);
  };
  visit(program, program, undefined);
  return found;
}
