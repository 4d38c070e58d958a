/**
 * Photographs every scene in every look, and lays the pictures out on a page. An argument picks the scenes whose name
 * contains it.
 */
import {mkdir, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {type Browser, chromium, type Page} from 'playwright-core';
import {CHROMIUM_ARGS, ensureBrowser} from '../../scripts/browsers.mjs';
import {serveGallery} from './serve.js';
import type {Look} from './stage.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.data/gallery');
const wanted = process.argv[2] ?? '';

interface Shot extends Look {
  title: string;
  width: number;
  forced?: boolean;
}

const SHOTS: readonly Shot[] = [
  {title: 'Light', theme: 'light', lang: 'en', width: 560},
  {title: 'Dark', theme: 'dark', lang: 'en', width: 560},
  {title: 'Right to left', theme: 'light', lang: 'ar', width: 560},
  {title: 'Narrow, German', theme: 'light', lang: 'de', width: 360},
  {title: 'Narrow, dark, right to left', theme: 'dark', lang: 'ar', width: 360},
  {title: 'Wide', theme: 'light', lang: 'en', width: 1280},
  {title: 'Forced colours', theme: 'light', lang: 'en', width: 560, forced: true},
  {title: 'French', theme: 'light', lang: 'fr', width: 420},
  {title: 'Spanish', theme: 'dark', lang: 'es', width: 420},
  {title: 'Japanese', theme: 'light', lang: 'ja', width: 420},
];

const fileOf = (name: string, shot: number) => `${name.replaceAll('/', '-')}-${shot}.png`;
const escaped = (text: string) => text.replace(/[&<>"]/g, char => `&#${char.charCodeAt(0)};`);

function pageOf(names: readonly string[]): string {
  const cell = (name: string, shot: Shot, at: number) =>
    `<td><img loading="lazy" alt="${escaped(`${name}, ${shot.title}`)}" src="${fileOf(name, at)}"></td>`;
  const row = (name: string) =>
    `<tr><th scope="row">${escaped(name)}</th>${SHOTS.map((shot, at) => cell(name, shot, at)).join('')}</tr>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Sync Elements, in every state</title>
<style>
  body { margin: 1rem; font: 14px system-ui, sans-serif; background: #e9ecef; }
  td { padding: 4px; vertical-align: top; }
  th { position: sticky; left: 0; padding: 4px 12px 4px 4px; text-align: left; background: #e9ecef; }
  thead th { position: sticky; top: 0; z-index: 1; }
  img { display: block; }
</style>
<h1>Sync Elements, in every state</h1>
<table><thead><tr><th></th>${SHOTS.map(({title, width}) => `<th>${title}, ${width} px</th>`).join('')}</tr></thead>
<tbody>${names.map(row).join('\n')}</tbody></table></html>`;
}

async function photograph(page: Page, name: string, shot: Shot, at: number): Promise<void> {
  const {theme, lang} = shot;
  await page.evaluate(({name, look}) => stage.show(name, look), {name, look: {theme, lang}});
  // A popover stands outside the page's height: the stage is as high as what is seen.
  const height = await page.evaluate(() => {
    const shown = [...document.querySelectorAll('*')].flatMap(({shadowRoot}) => [
      ...(shadowRoot?.querySelectorAll(':popover-open') ?? []),
    ]);
    const bottoms = [document.querySelector('main') as Element, ...shown].map(
      element => element.getBoundingClientRect().bottom,
    );
    return Math.ceil(Math.max(...bottoms)) + 16;
  });
  await page.screenshot({
    path: join(folder, fileOf(name, at)),
    animations: 'disabled',
    fullPage: true,
    clip: {x: 0, y: 0, width: shot.width, height},
  });
}

/** All scenes in one look; their names. */
async function takeAll(browser: Browser, shot: Shot, at: number): Promise<string[]> {
  const page = await browser.newPage({
    viewport: {width: shot.width, height: 900},
    reducedMotion: 'reduce',
    forcedColors: shot.forced ? 'active' : 'none',
  });
  const failures: Error[] = [];
  page.on('pageerror', error => failures.push(error));
  await page.goto(gallery.url);
  await page.waitForFunction(() => 'stage' in globalThis);
  const names = (await page.evaluate(() => stage.names)).filter(name => name.includes(wanted));
  for (const name of names) await photograph(page, name, shot, at);
  await page.close();
  if (failures[0]) throw failures[0];
  return names;
}

const gallery = await serveGallery();
try {
  const browser = await chromium.launch({executablePath: await ensureBrowser('chromium'), args: CHROMIUM_ARGS});
  try {
    await rm(folder, {recursive: true, force: true});
    await mkdir(folder, {recursive: true});
    const taken = await Promise.all(SHOTS.map((shot, at) => takeAll(browser, shot, at)));
    const names = taken[0] ?? [];
    await writeFile(join(folder, 'index.html'), pageOf(names));
    console.log(`${names.length * SHOTS.length} pictures: ${join(folder, 'index.html')}`);
  } finally {
    await browser.close();
  }
} finally {
  await gallery.close();
}
