/** Which lines of docs/parity.md have a test, and which of their promises such a test does not even name. */
import {type ESTree, parseSync, Visitor} from 'vite';

export interface Test {
  title: string;
  /** What it does, with what it uses of its file. */
  code: string;
}

/** Tests that run: what is commented out, or given to `skip` or `todo`, is none. */
export function testsIn(text: string): Test[] {
  const {program, comments} = parseSync('x.test.ts', text, {lang: 'ts', sourceType: 'module'});
  // What is only told counts for nothing.
  const code = comments.reduce(
    (text, {start, end}) => text.slice(0, start) + ' '.repeat(end - start) + text.slice(end),
    text,
  );
  const textOf = ({start, end}: {start: number; end: number}) => code.slice(start, end);
  const declared = new Map<string, string>();
  for (const node of program.body) {
    const declarations =
      node.type === 'VariableDeclaration'
        ? node.declarations
        : node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration'
          ? [node]
          : [];
    for (const each of declarations) if (each.id?.type === 'Identifier') declared.set(each.id.name, textOf(each));
  }
  const asleep: {start: number; end: number}[] = [];
  const found: {title: string; call: ESTree.CallExpression}[] = [];
  new Visitor({
    CallExpression: call => {
      const {callee, arguments: given} = call;
      if (callee.type === 'MemberExpression' && /^(it|test|describe)\.(skip|todo)$/.test(textOf(callee)))
        asleep.push(call);
      if (callee.type !== 'Identifier') return;
      const [first, ...rest] = given;
      const options = rest.find(each => each.type === 'ObjectExpression');
      const isOff = options && /\b(skip|todo): (?!false)/.test(textOf(options));
      if (isOff) asleep.push(call);
      if (!/^(it|test)$/.test(callee.name) || first?.type !== 'Literal' || typeof first.value !== 'string') return;
      // Without anything to do it is a plan.
      if (rest.some(each => /Function|Identifier/.test(each.type))) found.push({title: first.value, call});
    },
  }).visit(program);
  return found
    .filter(({call}) => !asleep.some(({start, end}) => start <= call.start && call.end <= end))
    .map(({title, call}) => ({title, code: withDeclared(textOf(call), declared)}))
    .filter(({code}) => !/\bt\.(skip|todo)\(/.test(code));
}

/** Adds what the code uses of its own file, and what that uses. */
function withDeclared(code: string, declared: ReadonlyMap<string, string>): string {
  const used = new Set<string>();
  let all = code;
  for (let added = true; added; ) {
    added = false;
    for (const [name, text] of declared) {
      if (used.has(name) || !new RegExp(`\\b${name}\\b`).test(all)) continue;
      used.add(name);
      all += `\n${text}`;
      added = true;
    }
  }
  return all;
}

export interface Promise {
  name: string;
  /** What must be named by its tests: what stands in backticks where it says when it is done. */
  names: string[];
}

export function promisesOf(page: string): Promise[] {
  return [...page.matchAll(/^\| `([^`]+)`.*$/gm)].map(([line, name = '']) => {
    const cells = line.split(' | ');
    const done = cells.length > 2 ? (cells.at(-1) ?? '') : '';
    return {name, names: [...done.matchAll(/`([^`]+)`/g)].flatMap(([, text = '']) => text.split(/[\s,]+/))};
  });
}

export interface Judged {
  lines: string[];
  /** Lines without a test. */
  without: string[];
  /** `line: name`, where no test of the line has the name. */
  unnamed: string[];
}

/** @param sources texts of test files */
export function judge(page: string, sources: readonly string[]): Judged {
  const promises = promisesOf(page);
  const tests = sources.flatMap(testsIn);
  const of = (name: string) => tests.filter(({title}) => title.startsWith(`${name}: `));
  return {
    lines: promises.map(({name}) => name),
    without: promises.filter(({name}) => of(name).length === 0).map(({name}) => name),
    unnamed: promises.flatMap(({name, names}) => {
      const code = of(name)
        .map(test => test.code)
        .join('\n');
      const has = (each: string) =>
        new RegExp(`(?<![\\w-])${each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`).test(code);
      return names.filter(each => !has(each)).map(each => `${name}: ${each}`);
    }),
  };
}
