/** The docs show what is tested, to the letter. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

for (const example of ['idb-database.ts', 'pglite-database.ts']) {
  test(`docs/database.md shows ${example} as it is`, () => {
    const docs = read('../../docs/database.md');
    assert.ok(docs.includes(`\`\`\`ts\n${read(example).trimEnd()}\n\`\`\`\n`));
  });
}
