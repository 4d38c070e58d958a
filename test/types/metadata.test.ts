/**
 * The generated metadata, against the types that their formats are published as: each is written down as a literal, in which
 * the compiler lets nothing stand that the format does not know.
 */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';
import {customElementsManifest} from '../../scripts/manifest/custom-elements.js';
import {vsCodeData, webTypes} from '../../scripts/manifest/editors.js';
import {readElements} from '../../scripts/manifest/elements.js';
import {installTypes} from './install.js';

const folder = fileURLToPath(new URL('.', import.meta.url));
const elements = readElements();

const FORMATS = {
  'custom-elements.json': {
    type: "import('../../formats.js').Manifest",
    made: customElementsManifest(elements),
    wrong: /"tagName": "sync-status"/g,
  },
  'vscode.html-custom-data.json': {
    type: "import('vscode-html-languageservice').HTMLDataV1",
    made: vsCodeData(elements),
    wrong: /"name": "sync-status"/g,
  },
  'web-types.json': {
    type: "import('../../formats.js').WebTypes",
    made: webTypes(elements, {name: 'sync-elements', version: '0'}),
    wrong: /"name": "sync-status"/g,
  },
};

/** What the compiler says of a text as a value of a type. */
async function complaints(name: string, text: string, type: string): Promise<string> {
  await installTypes();
  const place = join(folder, 'node_modules/.metadata');
  mkdirSync(place, {recursive: true});
  const file = join(place, `${name}.ts`);
  writeFileSync(file, `export const made: ${type} = ${text};\n`);
  const tsc = join(folder, '../../node_modules/typescript/bin/tsc');
  const options =
    '--ignoreConfig --noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler';
  return new Promise(resolve => {
    execFile(process.execPath, [tsc, ...options.split(' '), file], {cwd: place}, (_error, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    );
  });
}

describe('the metadata, as its formats are typed', () => {
  for (const [name, {type, made, wrong}] of Object.entries(FORMATS)) {
    const text = JSON.stringify(made, null, 2);
    it(`${name} holds to its format`, async () => assert.equal(await complaints(name, text, type), ''));
    it(`${name} would not, with a field that its format does not know`, async () => {
      assert.match(await complaints(`wrong-${name}`, text.replace(wrong, '$&, "colour": "red"'), type), /'"?colour"?'/);
    });
  }
});
