/** The languages: complete, loaded when asked for, changed while the page runs, and replaceable. */
import {expect, html, waitUntil} from '@open-wc/testing';
import '../define/sync-status.js';
import type {SyncStatus} from '../sync-status.js';
import {inProvider} from '../testing/in-provider.js';
import {find, seen} from '../testing/status-scene.js';
import {ar} from './ar.js';
import {de} from './de.js';
import {detailsTexts} from './en/details.js';
import {progressTexts} from './en/progress.js';
import {queueTexts} from './en/queue.js';
import {statusTexts} from './en/status.js';
import {es} from './es.js';
import {formatFor, type Text} from './format.js';
import {fr} from './fr.js';
import {ja} from './ja.js';
import {type LanguageTexts, registerTexts} from './texts.js';

const english: Readonly<Record<string, Text>> = {...statusTexts, ...detailsTexts, ...queueTexts, ...progressTexts};
const formsOf = (text: Text) => (typeof text === 'string' ? [text] : Object.values(text));
const placesOf = (text: Text) => new Set(formsOf(text).flatMap(form => form.match(/\{\w+\}/g) ?? []));

for (const language of [ar, de, es, fr, ja]) {
  describe(`the language ${language.lang}`, () => {
    it('says all that English says, and nothing else', () => {
      const {lang, ...texts} = language;
      expect(Object.keys(texts).sort()).to.deep.equal(Object.keys(english).sort());
      expect(lang).to.have.length(2);
    });

    it('has the same places in its sentences', () => {
      for (const [key, text] of Object.entries(english)) {
        const said = (language as Readonly<Record<string, Text>>)[key] ?? '';
        expect([...placesOf(said)].sort(), key).to.deep.equal([...placesOf(text)].sort());
      }
    });

    it('has each plural form of its language wherever English has several, or needs none', () => {
      const needed = new Intl.PluralRules(language.lang).resolvedOptions().pluralCategories;
      const wrong: string[] = [];
      for (const [key, text] of Object.entries(english)) {
        if (typeof text === 'string') continue;
        const said = (language as Readonly<Record<string, Text>>)[key] ?? '';
        const missing = needed.filter(category => typeof said === 'string' || !(category in said));
        const unexcused = missing.filter(category => !excuse(language.lang, key, category, said));
        if (unexcused.length > 0) wrong.push(`${key}: ${unexcused}`);
      }
      expect(wrong).to.deep.equal([]);
    });
  });
}

/** Why a language does without a form of its own there; undefined where it must have it. */
function excuse(lang: string, key: string, category: Intl.LDMLPluralRule, said: Text): string | undefined {
  if (typeof said === 'string') {
    if (/: \{n\}$/.test(said)) return 'a number behind a colon bends no word';
    if (lang === 'de' && key === 'attempts') return '"-mal" is the same for every number';
    if (lang === 'ja') return 'there is but one form';
    return undefined;
  }
  if (lang === 'ar' && category === 'zero') return '"0" with the word as it stands alone is what Arabic writes';
  // CLDR's `many` of the Romance languages is that of whole millions.
  if (/^(es|fr)$/.test(lang) && category === 'many' && key !== 'rows') return 'a queue holds 10,000 at the most';
  return undefined;
}

describe('what is said in a language', () => {
  const waiting = (tag: string, {waiting}: LanguageTexts, n: number) => formatFor(tag).say(waiting ?? '', {n});
  it('follows its plural rules and its digits', () => {
    expect(waiting('de', de, 1)).to.equal('1 Änderung wartet');
    expect(waiting('de', de, 12_345)).to.equal('12.345 Änderungen warten');
    expect(waiting('ar', ar, 2)).to.equal('تغييران في الانتظار');
    expect(waiting('ar-EG', ar, 3)).to.equal('٣ تغييرات في الانتظار');
    expect(waiting('ar', ar, 11)).to.match(/تغييرًا/);
    expect(waiting('ja', ja, 3)).to.equal('3 件の変更が待機中');
    const rows = (tag: string, {rows}: LanguageTexts, n: number) => formatFor(tag).say(rows ?? '', {n});
    expect(rows('es', es, 2_000_000)).to.equal('2.000.000 de filas');
    expect(rows('es', es, 1_999_999)).to.equal('1.999.999 filas');
    const kept = (n: number) => formatFor('ar-u-nu-latn').say(ar.onThisDevice ?? '', {n});
    expect([1, 2, 3, 11, 100].map(kept)).to.deep.equal([
      'تغيير واحد في أمان على هذا الجهاز',
      'تغييران في أمان على هذا الجهاز',
      '3 تغييرات في أمان على هذا الجهاز',
      '11 تغييرًا في أمان على هذا الجهاز',
      '100 تغيير في أمان على هذا الجهاز',
    ]);
  });
  it('puts what it is given in its places, whatever that contains', () => {
    expect(formatFor('en').say('{name} and {what}', {name: '$& {what}'})).to.equal('$& {what} and {what}');
  });
});

describe('<sync-status> and its language', () => {
  const inGerman = (element: SyncStatus) => waitUntil(() => seen(element) === 'Gespeichert');
  const inEnglish = (element: SyncStatus) => waitUntil(() => seen(element) === 'Saved');
  afterEach(() => document.documentElement.setAttribute('lang', 'en'));

  it('takes that of the page, and follows it while the page runs', async () => {
    document.documentElement.lang = 'de-AT';
    const {element} = await inProvider<SyncStatus>(html`<sync-status></sync-status>`);
    await inGerman(element);
    expect(find(element, '[part=base]')?.lang).to.equal('de-AT');
    document.documentElement.lang = 'en-GB';
    await inEnglish(element);
    document.documentElement.lang = 'de';
    await inGerman(element);
  });

  it('takes its own before that of the page, and reads from right to left where its language does', async () => {
    const {element} = await inProvider<SyncStatus>(html`<sync-status lang="de"></sync-status>`);
    await inGerman(element);
    element.lang = 'ar';
    await waitUntil(() => seen(element) === 'تم الحفظ');
    expect(find(element, '[part=base]')?.dir).to.equal('rtl');
    element.removeAttribute('lang');
    await inEnglish(element);
    expect(find(element, '[part=base]')?.dir).to.equal('ltr');
  });

  it('hears of a language around its shadow root', async () => {
    const host = document.body.appendChild(document.createElement('div'));
    host.lang = 'en';
    const {element, provider} = await inProvider<SyncStatus>(html`<sync-status></sync-status>`);
    host.attachShadow({mode: 'open'}).append(provider);
    await inEnglish(element);
    host.lang = 'de';
    await inGerman(element);
    host.remove();
  });

  it('says in English what it has no texts for, with English numbers', async () => {
    const {element} = await inProvider<SyncStatus>(html`<sync-status lang="da"></sync-status>`, {
      status: 'pending',
      pending: 1234,
    });
    await waitUntil(() => seen(element) === '1,234 changes waiting');
    registerTexts({lang: 'da', waiting: '{n} ændringer venter'});
    await waitUntil(() => seen(element) === '1.234 ændringer venter');
  });

  it('lets a page replace texts: of one element, or of a language', async () => {
    const {element} = await inProvider<SyncStatus>(html`<sync-status></sync-status>`);
    registerTexts({lang: 'en', saved: 'All good'});
    await waitUntil(() => seen(element) === 'All good');
    element.texts = {saved: 'Fine'};
    await waitUntil(() => seen(element) === 'Fine');
    element.texts = undefined;
    registerTexts({lang: 'en', saved: statusTexts.saved});
    await inEnglish(element);
  });

  for (const lang of ['x!', '__proto__', 'constructor', '', 'x'.repeat(100_000)]) {
    it(`survives lang="${lang.slice(0, 12)}"`, async () => {
      const {element} = await inProvider<SyncStatus>(html`<sync-status lang=${lang}></sync-status>`);
      await inEnglish(element);
    });
  }
});
