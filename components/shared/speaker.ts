/**
 * Gives an element its speech, and tells it when that changes: another `lang` somewhere above it, a language that has
 * loaded, texts of the page. One observer serves all elements.
 */
import type {ReactiveController, ReactiveControllerHost} from '@lit/reactive-element';
import type {Text} from '../locales/format.js';
import {onTexts, type Speech, speechFor, type TextKey, type Texts} from '../locales/texts.js';

export interface SpeakingHost extends ReactiveControllerHost, Element {
  /** Texts to use in place of ours. */
  texts?: Partial<Texts> | null | undefined;
}

const speakers = new Set<Speaker<TextKey>>();
const refreshAll = (): void => {
  for (const speaker of speakers) speaker.refresh();
};
let stop: (() => void) | undefined;
let observer: MutationObserver | undefined;

export class Speaker<K extends TextKey> implements ReactiveController {
  readonly #host: SpeakingHost;
  readonly #english: Readonly<Record<K, Text>>;
  #speech: Speech<K> | undefined;
  #base: Speech<K> | undefined;
  #overrides: SpeakingHost['texts'];

  constructor(host: SpeakingHost, english: Readonly<Record<K, Text>>) {
    this.#host = host;
    this.#english = english;
    host.addController(this);
  }

  /** The same object as long as nothing changes. */
  get speech(): Speech<K> {
    this.#base ??= speechFor(langOf(this.#host), this.#english);
    const {texts} = this.#host;
    if (!this.#speech || this.#overrides !== texts) {
      this.#overrides = texts;
      this.#speech = texts ? {...this.#base, texts: {...this.#base.texts, ...texts}} : this.#base;
    }
    return this.#speech;
  }

  hostConnected(): void {
    speakers.add(this as unknown as Speaker<TextKey>);
    stop ??= onTexts(refreshAll);
    observer ??= new MutationObserver(refreshAll);
    const options = {subtree: true, attributes: true, attributeFilter: ['lang']};
    let root = this.#host.getRootNode();
    observer.observe(root, options);
    while (root instanceof ShadowRoot) {
      root = root.host.getRootNode();
      observer.observe(root, options);
    }
    this.refresh();
  }

  hostDisconnected(): void {
    speakers.delete(this as unknown as Speaker<TextKey>);
    if (speakers.size > 0) return;
    observer?.disconnect();
    stop?.();
    observer = stop = undefined;
  }

  /** Draws the element anew if it speaks differently now. */
  refresh(): void {
    const base = speechFor(langOf(this.#host), this.#english);
    if (base === this.#base) return;
    this.#base = base;
    this.#speech = undefined;
    this.#host.requestUpdate();
  }
}

/** The `lang` an element is in: its own, or that of whatever it stands in, through shadow roots. */
export function langOf(element: Element): string {
  // Rendered on a server: nothing is known of the page there, and the texts of the page's language come with the page.
  if (!('closest' in element)) return 'en';
  let at: Element | null = element;
  while (at) {
    const holder: Element | null = at.closest('[lang]');
    if (holder) return holder.getAttribute('lang') || 'en';
    const root = at.getRootNode();
    at = root instanceof ShadowRoot ? root.host : null;
  }
  return 'en';
}
