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

    it('has the plural forms that its numbers need', () => {
      const rules = new Intl.PluralRules(language.lang);
      const needed = new Set([1, 2, 3, 5, 11, 42, 100, 101, 1000].map(n => rules.select(n)));
      const {waiting} = language;
      if (typeof waiting === 'object') {
        for (const category of needed) expect(waiting, category).to.have.property(category);
      } else {
        expect([...needed]).to.deep.equal(['other']);
      }
    });
  });
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
