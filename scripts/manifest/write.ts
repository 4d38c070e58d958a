/**
 * Writes what is generated from the elements' own declarations.
 *
 *   write.ts dist FOLDER    the manifest and the editors' data, as they are published
 *   write.ts docs           the reference in docs/elements.md
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {customElementsManifest} from './custom-elements.js';
import {vsCodeData, webTypes} from './editors.js';
import {readElements} from './elements.js';
import {withReference} from './elements-doc.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [what, folder] = process.argv.slice(2);
const elements = readElements();

if (what === 'dist' && folder !== undefined) {
  const {name, version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const write = (file: string, value: object) =>
    writeFileSync(join(folder, file), `${JSON.stringify(value, null, 2)}\n`);
  write('custom-elements.json', customElementsManifest(elements));
  write('vscode.html-custom-data.json', vsCodeData(elements));
  write('web-types.json', webTypes(elements, {name, version}));
} else if (what === 'docs') {
  const path = join(root, 'docs/elements.md');
  writeFileSync(path, withReference(readFileSync(path, 'utf8'), elements));
} else {
  console.error('write.ts dist FOLDER | docs');
  process.exitCode = 1;
}
