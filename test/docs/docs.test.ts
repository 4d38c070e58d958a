/** The docs: examples compile, tags have the attributes they are given, and links lead somewhere. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {before, describe, it} from 'node:test';
import {attributesOf} from '../../scripts/manifest/custom-elements.js';
import {readElements} from '../../scripts/manifest/elements.js';
import {installTypes} from '../types/install.js';
import {allBlocks, type Block, root} from './blocks.js';

const blocks = allBlocks();
const where = ({page, line}: Block) => `${page}:${line}`;

/** What examples take for granted: what stands in the page, and what only its author knows. */
const GIVEN = `
import type {Database} from 'sync-elements';
import type {SyncProvider} from 'sync-elements/components';
declare global {
  const provider: SyncProvider;
  const element: HTMLElement;
  const makeMine: () => Database;
}
`;
const FOREIGN = `
declare module '@angular/core' {
  export const Component: (options: object) => (target: unknown) => void;
  export const CUSTOM_ELEMENTS_SCHEMA: unknown;
  export interface OnDestroy { ngOnDestroy(): void }
  export function signal<T>(value: T): {(): T; set(value: T): void};
}
declare module '*/sync-elements.js';
declare module '@open-wc/testing';
declare const it: (name: string, run: () => unknown) => void;
declare module '*?url' { const address: string; export default address; }
`;
/** Plain JavaScript can't say what it finds in a page, nor what is in a payload. */
const PLAIN = {
  allowJs: true,
  checkJs: true,
  strict: false,
  exactOptionalPropertyTypes: false,
  noPropertyAccessFromIndexSignature: false,
};
const FOUND = `
interface ParentNode { querySelector(selector: string): any }
interface SubmitEvent { readonly target: any }
`;
const SYNC = `
import {WorkerSyncService} from 'sync-elements';
export const service = new WorkerSyncService({url: '/api/sync'});
`;
/** A file that docs/database.md shows as a block of its own. */
const PGLITE = `
import type {Database} from 'sync-elements';
export declare function pgliteDatabase(pg: object): Promise<Database>;
`;

/** The compiler's complaints about blocks of some languages, each by its place in the docs. */
function complaints(some: readonly Block[], options: object, more: Record<string, string> = {}): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sync-elements-docs-'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const files = new Map(some.map((block, at) => [`example-${at}.${block.lang}`, block]));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, {code, lang}] of files) {
    const pragma = lang === 'tsx' ? `/** @jsxImportSource ${code.includes('solid-js') ? 'solid-js' : 'react'} */` : '';
    // On the first line, so that the lines of a complaint are the block's own; a module, as its names are its own.
    write(name, `${pragma}${code}\nexport {};\n`);
  }
  for (const [name, text] of Object.entries({
    'given.d.ts': GIVEN,
    'foreign.d.ts': FOREIGN,
    'sync.ts': SYNC,
    'service.ts': SYNC,
    'pglite-database.d.ts': PGLITE,
    ...more,
  }))
    write(name, text);
  // By path: what is not in the reader's folder is in ours.
  for (const {file, run, code, lang} of some) if (file && !run && lang === 'js') write(file.replaceAll('/', '-'), code);
  write(
    'tsconfig.json',
    JSON.stringify({
      extends: join(root, 'test/types/tsconfig.json'),
      compilerOptions: {noUnusedLocals: false, noUnusedParameters: false, baseUrl: undefined, ...options},
      include: ['./*'],
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  return new Promise(resolve => {
    execFile(process.execPath, [tsc, '-p', folder], {cwd: folder}, (_error, stdout, stderr) => {
      rmSync(folder, {recursive: true, force: true});
      const lines = `${stdout}${stderr}`.split('\n').flatMap(line => {
        const [, name = '', at = '', rest = ''] = /^([\w.-]+)\((\d+),\d+\): (.*)$/.exec(line) ?? [];
        const block = files.get(name);
        if (block) return [`${block.page}:${block.line + Number(at)}: ${rest}`];
        // Of the sources there is a check of their own.
        return /error TS/.test(line) && !/^\.\.?\//.test(line) ? [line] : [];
      });
      resolve(lines);
    });
  });
}

describe('the examples of the docs', () => {
  before(installTypes);
  it('in TypeScript compile', async () => {
    const some = blocks.filter(({lang}) => lang === 'ts' || lang === 'tsx');
    // What one example merges into `Entities` is no other's.
    const merges = ({code}: Block) => code.includes('interface Entities');
    assert.ok(some.some(merges));
    const found = [
      await complaints(
        some.filter(block => !merges(block)),
        {},
      ),
    ];
    for (const block of some.filter(merges)) found.push(await complaints([block], {}));
    assert.deepEqual(found.flat(), []);
  });
  it('in JavaScript use what is there', async () => {
    const some = blocks.filter(({lang}) => lang === 'js');
    assert.ok(some.length > 15);
    const found = await complaints(some, PLAIN, {'found.d.ts': FOUND});
    assert.deepEqual(
      found.filter(complaint => !complaint.includes("'Json")),
      [],
    );
  });
  it('in HTML give elements the attributes they have', () => {
    const known = new Map(
      readElements().map(element => [element.tag, new Set(attributesOf(element).map(({name}) => name))]),
    );
    const common = /^(id|slot|class|lang|hidden|dir|style|[.@:]\S*|on\S*|prop:\S*|\(\S*|\[\S*)$/;
    let seen = 0;
    for (const block of blocks.filter(({lang}) => lang === 'html')) {
      for (const [, tag = '', attributes = ''] of block.code.matchAll(
        /<(sync-[a-z]+)((?:\s+[^\s=>]+(?:="[^"]*")?)*)\s*>/g,
      )) {
        const names = [...attributes.matchAll(/\s([^\s=>"]+)(?:="[^"]*")?/g)].map(match => match[1] ?? '');
        for (const name of names.filter(name => !common.test(name))) {
          assert.ok(known.get(tag)?.has(name), `${where(block)}: <${tag}> has no attribute ${name}`);
          seen++;
        }
      }
    }
    assert.ok(seen > 10);
  });
});

describe('the links of the docs', () => {
  it('lead to pages and headings that are there', () => {
    const pages = [...new Set(blocks.map(({page}) => page)), 'SECURITY.md', 'CONTRIBUTING.md', 'docs/decisions.md'];
    const slugs = (text: string) =>
      new Set(
        [...text.matchAll(/^#+ (.+)$/gm)].map(({1: title = ''}) =>
          title
            .toLowerCase()
            .replace(/[^\p{L}\p{N}\s_-]/gu, '')
            .replace(/ /g, '-'),
        ),
      );
    const broken = pages.flatMap(page => {
      const text = readFileSync(join(root, page), 'utf8');
      return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, to = '', anchor]) => {
        const path = to === '' ? page : join(dirname(page), to);
        if (!existsSync(join(root, path))) return [`${page}: ${link}`];
        if (anchor === undefined || !path.endsWith('.md')) return [];
        return slugs(readFileSync(join(root, path), 'utf8')).has(anchor) ? [] : [`${page}: ${link}`];
      });
    });
    assert.deepEqual(broken, []);
  });
});
