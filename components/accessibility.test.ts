/** Every element in every state, light and dark, as axe sees it. */
import {expect} from '@open-wc/testing';
import {play, SCENES} from './testing/scenes.js';

describe('axe finds nothing in', () => {
  const root = document.documentElement;
  let place: HTMLElement;
  beforeEach(() => {
    root.lang = 'en';
    place = document.body.appendChild(document.createElement('main'));
  });
  afterEach(() => {
    place.remove();
    root.removeAttribute('style');
  });

  for (const scene of SCENES) {
    it(scene.name, async () => {
      const element = await play(scene, place);
      for (const [scheme, background, color] of [
        ['light', '#fff', '#1a2027'],
        ['dark', '#14191f', '#e9edf2'],
      ]) {
        Object.assign(root.style, {colorScheme: scheme, background, color});
        await expect(element).to.be.accessible();
      }
    });
  }
});
