/** Each rule can fail: small files that break it, and their lawful neighbours that must not be blamed. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import * as rules from './rules.js';
import {readSource} from './source.js';

const blamed = (judgement: string[]) => judgement.length > 0;
const arrows = (path: string, code: string) => blamed(rules.judgeArrows(readSource(path, code)));
const outside = (code: string, path = 'src/queue/x.ts') =>
  rules.judgeOutside(readSource(path, code)).map(sentence => sentence.match(/takes (\S+) /)?.[1]);

describe('the arrows', () => {
  const forbidden: [path: string, code: string][] = [
    ['src/protocol/x.ts', "import {a} from '../platform/platform.js'"],
    ['src/protocol/x.ts', "import type {A} from '../platform/platform.js'"],
    ['src/platform/x.ts', "import {a} from '../state/state.js'"],
    ['src/state/x.ts', "import {a} from '../worker/engine.js'"],
    ['src/queue/x.ts', "import {a} from '../handler/handler.js'"],
    ['src/queue/x.ts', "import type {A} from '../handler/handler.js'"],
    ['src/queue/x.ts', "import {a} from '../database/database.js'"],
    ['src/queue/x.ts', "import {type A} from '../database/database.js'"],
    ['src/queue/x.ts', "export * from '../tracker/tracker.js'"],
    ['src/queue/x.ts', "const a = await import('../tracker/tracker.js')"],
    ['src/queue/x.ts', "type A = import('../tracker/tracker.js').A"],
    ['src/worker/x.ts', "import {a} from '../manager/manager.js'"],
    ['src/manager/x.ts', "import {a} from '../index.js'"],
    ['src/service/x.ts', "import {a} from '../../components/index.js'"],
    ['src/service/x.ts', "import {a} from '../../server/index.js'"],
    ['src/service/x.ts', "import {html} from 'lit'"],
    ['src/service/x.ts', "import {html} from 'lit/html.js'"],
    ['src/service/x.ts', "import {readFile} from 'node:fs'"],
    ['src/service/x.ts', "import {readFile} from 'fs'"],
    ['src/queue/x.ts', "import {set} from 'idb-keyval'"],
    ['src/queue/x.ts', "await import('../' + room)"],
    ['src/cellar/x.ts', "import {a} from '../protocol/protocol.js'"],
    ['src/loose.ts', ''],
    ['components/x.ts', "import {a} from '../src/service/service.js'"],
    ['components/x.ts', "import type {A} from '../src/service/service.js'"],
    ['components/x.ts', "import {a} from '../server/index.js'"],
    ['components/x.ts', "import {a} from 'ws'"],
    ['server/x.ts', "import {a} from '../src/index.js'"],
    ['server/x.ts', "import {a} from '../src/platform/logger.js'"],
    ['server/source/x.ts', "import {a} from '../testing/harness.js'"],
  ];
  for (const [path, code] of forbidden)
    it(`${path}: ${code || '(no room)'} is refused`, () => assert.ok(arrows(path, code)));

  const lawful: [path: string, code: string][] = [
    ['src/platform/x.ts', "import type {A} from '../protocol/errors.js'"],
    ['src/queue/x.ts', "import {a} from '../protocol/protocol.js'"],
    ['src/queue/x.ts', "import type {A} from '../database/database.js'"],
    ['src/queue/x.ts', "import {a} from './select.js'"],
    ['src/queue/x.ts', "// import '../worker/engine.js'\nconst text = \"import '../worker/engine.js'\""],
    ['src/manager/x.ts', "await import('../worker/engine.js')"],
    ['src/index.ts', "export * from './service/service.js'"],
    ['components/status/x.ts', "import {a} from '../../src/index.js'; import {html} from 'lit/static-html.js'"],
    ['server/x.ts', "import {a} from '../src/protocol/lsn.js'; import {b} from 'node:fs'; import ws from 'ws'"],
  ];
  for (const [path, code] of lawful) it(`${path}: ${code} is allowed`, () => assert.ok(!arrows(path, code)));
});

describe('the world outside', () => {
  it('is noticed in every form', () => {
    for (const [code, name] of [
      ['window.x', 'window.x'],
      ['globalThis["indexedDB"]', 'globalThis.indexedDB'],
      ['const now = Date.now()', 'Date.now'],
      ['new Date()', 'Date()'],
      ['const dice = Math.random', 'Math.random'],
      ['typeof BroadcastChannel', 'BroadcastChannel'],
      ['const o = {fetch}', 'fetch'],
      ['const text = `$' + '{location.href}`', 'location.href'],
      ['class A { timer = setTimeout(() => {}, 1) }', 'setTimeout'],
      ['class A extends WebSocket {}', 'WebSocket'],
      ['declare const crypto: Crypto; crypto.randomUUID()', 'crypto.randomUUID'],
      ['function f(fetch: () => void) {} fetch()', 'fetch()'],
      ['console.log(1)', 'console.log'],
    ] as const) {
      assert.deepEqual(outside(code), [name], code);
    }
  });
  it('is not seen in comments, strings, types, labels, locals and pure built-ins', () => {
    for (const code of [
      '// window\n/* document */ const a = "navigator"; const b = `localStorage`',
      'type A = typeof window; let a: Window | undefined; const b = 1 as unknown as Document',
      'const platform = {fetch() {}, crypto: 1}; platform.fetch(); platform.crypto',
      'function f({window, rest: [document]}: Ports, navigator = 1) { return [window, document, navigator] }',
      'try {} catch (self) { self } for (const name of []) name',
      'import {fetch} from "./x.js"; fetch(); export {fetch as window}',
      'class A { window = 1; document() { return this.window } }',
      'new Date(5); Math.max(1, 2); new Map(); JSON.parse("1"); new URL("x:y"); new AbortController()',
    ]) {
      assert.deepEqual(outside(code), [], code);
    }
  });
  it('is open to platform, and to the listed exceptions for the listed names only', () => {
    assert.deepEqual(outside('window.x', 'src/platform/x.ts'), []);
    assert.deepEqual(outside('new Worker("x"); fetch("y")', 'src/worker/spawn-worker.ts'), ['fetch']);
  });
});

describe('sizes, headers and codes', () => {
  const file = (path: string, text: string) => readSource(path, text);
  it('a core of more lines than its bound is refused, and such a compat', () => {
    assert.ok(blamed(rules.judgeCoreSize([file('src/a/a.ts', 'let a;\n'.repeat(rules.LIMITS.coreLines + 1))])));
    assert.ok(
      !blamed(rules.judgeCoreSize([file('src/a/a.ts', `${'let a;\n'.repeat(rules.LIMITS.coreLines)}// why\n\n`)])),
    );
    assert.ok(blamed(rules.judgeCoreSize([file('src/compat/a.ts', 'let a;\n'.repeat(rules.LIMITS.compatLines + 1))])));
    assert.ok(!blamed(rules.judgeCoreSize([file('src/compat/a.ts', 'let a;\n'.repeat(rules.LIMITS.compatLines))])));
  });
  it('a file of more than 300 lines is refused', () => {
    assert.ok(blamed(rules.judgeFileSize(file('server/a.ts', '\n'.repeat(301)))));
    assert.ok(!blamed(rules.judgeFileSize(file('server/a.ts', '\n'.repeat(300)))));
  });
  it('a room without its opening file, or an opening without its header, is refused', () => {
    assert.ok(blamed(rules.judgeRoomHeaders([file('src/queue/select.ts', '/** x */')])));
    assert.ok(blamed(rules.judgeRoomHeaders([file('src/queue/queue.ts', 'import "./select.js"')])));
    assert.ok(
      !blamed(rules.judgeRoomHeaders([file('src/queue/queue.ts', '/** The queue room. */'), file('src/index.ts', '')])),
    );
  });
  it('an error code without an entry, or in another case, is refused', () => {
    const documented = rules.documentedCodes('# Errors\n## `gap`\nSee `not-an-entry`.\n| `timeout` | slow |\n');
    assert.deepEqual([...documented], ['gap', 'timeout']);
    const judge = (code: string) => blamed(rules.judgeErrorCodes(file('src/a/a.ts', code), documented));
    assert.ok(judge("throw new SyncError('not-an-entry', 'x')"));
    assert.ok(judge("new SyncError(late ? 'timeout' : 'unknown', 'x')"));
    assert.ok(judge("new SyncError('Gap', 'x')"));
    assert.ok(!judge("new SyncError('gap', 'x'); new SyncError(record.code, 'x'); // new SyncError('other')"));
  });
});
