/** Plays one scene at a time, when the photographer says so. */
import {render} from 'lit';
import {statusTexts} from '../../components/locales/en/status.js';
import {onTexts, speechFor} from '../../components/locales/texts.js';
import {play, SCENES} from '../../components/testing/scenes.js';

export interface Look {
  theme: 'light' | 'dark';
  lang: string;
}

const place = document.querySelector('main') as HTMLElement;
const direction = (lang: string) => (lang === 'ar' ? 'rtl' : 'ltr');

/** A language comes on demand: a picture taken before that would be in English. */
async function spoken(lang: string): Promise<void> {
  const isThere = () => lang === 'en' || speechFor(lang, statusTexts).texts.saved !== statusTexts.saved;
  while (!isThere()) {
    await new Promise<void>(resolve => {
      const stop = onTexts(() => {
        stop();
        resolve();
      });
    });
  }
}

const theStage = {
  names: SCENES.map(({name}) => name),
  async show(name: string, {theme, lang}: Look): Promise<void> {
    render(null, place);
    const root = document.documentElement;
    root.className = theme;
    root.lang = lang;
    root.dir = direction(lang);
    const scene = SCENES.find(scene => scene.name === name);
    if (!scene) throw new Error(`There is no scene ${name}.`);
    await spoken(lang);
    await play(scene, place);
  },
};

declare global {
  /** For the photographer. */
  var stage: typeof theStage;
}
globalThis.stage = theStage;
