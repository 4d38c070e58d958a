/** Every element in every state, light, dark and from right to left, as axe sees it. */
import {expect} from '@open-wc/testing';
import {statusTexts} from './locales/en/status.js';
import {onTexts, speechFor} from './locales/texts.js';
import {play, SCENES} from './testing/scenes.js';

describe('axe finds nothing in', () => {
  const root = document.documentElement;
  let place: HTMLElement;
  // A language comes on demand: what is judged should be in it.
  before(
    () =>
      new Promise<void>(resolve => {
        const stop = onTexts(() => {
          stop();
          resolve();
        });
        speechFor('ar', statusTexts);
      }),
  );
  beforeEach(() => {
    root.lang = 'en';
    place = document.body.appendChild(document.createElement('main'));
  });
  afterEach(() => {
    place.remove();
    root.removeAttribute('style');
    root.removeAttribute('dir');
  });

  for (const scene of SCENES) {
    it(scene.name, async () => {
      const element = await play(scene, place);
      for (const [scheme, background, color, lang] of [
        ['light', '#fff', '#1a2027', 'en'],
        ['dark', '#14191f', '#e9edf2', 'ar'],
      ] as const) {
        Object.assign(root.style, {colorScheme: scheme, background, color});
        root.lang = lang;
        root.dir = lang === 'ar' ? 'rtl' : 'ltr';
        await (element as HTMLElement & {updateComplete?: Promise<unknown>}).updateComplete;
        await expect(element).to.be.accessible();
      }
    });
  }
});
