/** The published package, as a user's bundler sees it. */
import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {bundleOf} from '../../scripts/bundle-of.js';
import {fits, measure} from '../../scripts/size.js';

const codeOf = async (line: string) => {
  const {entry, alongside} = await bundleOf(line);
  return [entry, ...alongside].map(chunk => chunk.code).join('\n');
};

describe('a bundler', () => {
  it('keeps the registrations of an import that uses nothing', async () => {
    assert.match(await codeOf("import 'sync-elements/define'"), /['"`]sync-provider['"`]/);
    assert.match(await codeOf("import 'sync-elements/define/sync-status'"), /['"`]sync-status['"`]/);
  });
  it('drops everything else that is not used', async () => {
    assert.equal((await codeOf("import 'sync-elements'; import 'sync-elements/components'")).trim(), '');
  });
  it('takes no Lit for the headless core', async () => {
    const {entry, alongside, later} = await bundleOf("export {WorkerSyncService} from 'sync-elements'");
    const modules = [entry, ...alongside, ...later].flatMap(chunk => Object.keys(chunk.modules));
    assert.ok(modules.some(id => id.includes('/dist/src/')));
    assert.deepEqual(
      modules.filter(id => /node_modules\/(lit|@lit)|\/dist\/components\//.test(id)),
      [],
    );
  });
  it('takes no templates of Lit for elements that draw no lists, but later, for what does', async () => {
    const tags = ['provider', 'status', 'progress', 'when', 'inspector'];
    const {entry, alongside, later} = await bundleOf(
      tags.map(tag => `import 'sync-elements/define/sync-${tag}'`).join(';'),
    );
    const templates = (chunks: readonly (typeof entry)[]) =>
      chunks
        .flatMap(chunk => Object.keys(chunk.modules))
        .filter(id => /node_modules\/(lit|lit-html|lit-element)\//.test(id));
    assert.deepEqual(templates([entry, ...alongside]), []);
    assert.ok(templates(later).length > 0);
  });
  it('takes no old names for the headless core, and keeps none that are not used', async () => {
    const {entry, alongside, later} = await bundleOf("export {WorkerSyncService} from 'sync-elements'");
    const modules = [entry, ...alongside, ...later].flatMap(chunk => Object.keys(chunk.modules));
    assert.deepEqual(
      modules.filter(id => id.includes('/dist/src/compat/')),
      [],
    );
    assert.equal((await codeOf("import 'sync-elements/compat'")).trim(), '');
  });
  it('takes nothing at first that only the engine needs, though the engine can run in the page', async () => {
    const {entry, alongside} = await bundleOf("import 'sync-elements/define'");
    const modules = [entry, ...alongside].flatMap(chunk => Object.keys(chunk.modules));
    // Of a module that both need a bundler keeps the whole, in what loads first.
    const rooms = /\/dist\/src\/(?:database|tracker|queue|handler|worker\/(?!within|spawn-worker)|state\/state)/;
    const files =
      /\/dist\/src\/(?:protocol\/(?:parse-|json-flaws|stretches-of|lsn|cancellation)|platform\/(?:engine-|browser-(?:storage|locks)))/;
    assert.ok(modules.some(id => id.endsWith('/dist/src/state/snapshot.js')));
    assert.deepEqual(
      modules.filter(id => rooms.test(id) || files.test(id)),
      [],
    );
  });
  it('finds the worker by the literal and makes a file of it', async () => {
    const {assets} = await bundleOf("export {WorkerSyncService} from 'sync-elements'");
    assert.ok(
      assets.some(name => /sync-worker.*\.js$/.test(name)),
      assets.join(', '),
    );
  });
});

describe('sizes', async () => {
  for (const size of await measure()) {
    it(`${size.name}: ${size.bytes} bytes, where ${size.recorded} are recorded`, () => assert.ok(fits(size)));
  }
  it('may grow by a twentieth, and no more', () => {
    assert.deepEqual([fits({bytes: 1050, recorded: 1000}), fits({bytes: 1051, recorded: 1000})], [true, false]);
  });
});
