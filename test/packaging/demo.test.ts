/** The built demo pages can be served under `script-src 'self'; style-src 'self'; worker-src 'self'`. */
import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {describe, it} from 'node:test';
import {fileURLToPath} from 'node:url';

const folder = fileURLToPath(new URL('../../demo-dist', import.meta.url));
const files = readdirSync(folder, {recursive: true, encoding: 'utf8'});
const pages = files.filter(name => name.endsWith('.html'));

describe('the demo pages', () => {
  it('are there', () => assert.ok(pages.includes('index.html')));
  it('have the worker as a file of its own', () => assert.ok(files.some(name => /sync-worker.*\.js$/.test(name))));
  for (const page of pages) {
    it(`${page} has nothing inline`, () => {
      const html = readFileSync(`${folder}/${page}`, 'utf8');
      assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/i, 'script');
      assert.doesNotMatch(html, /<style|\sstyle=/i, 'style');
      assert.doesNotMatch(html, /\son[a-z]+=/i, 'handler');
      assert.doesNotMatch(html, /(src|href)="(data|javascript|blob):/i, 'address');
      assert.doesNotMatch(html, /<(?!a\s)[^>]*\s(src|href)="(https?:)?\/\//i, 'something loaded from elsewhere');
    });
  }
});
