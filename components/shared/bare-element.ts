/**
 * What the elements of a first load stand on: Lit's reactive element without its templates, which weigh 3 kB and come
 * with what draws lists. These build what is in them once, and then write into it.
 */
import {ReactiveElement} from '@lit/reactive-element';

export class BareElement extends ReactiveElement {
  /** By this name `@lit-labs/ssr` knows whom it can render: the styles, and what `render` gives. Nobody else asks for that. */
  static readonly _$litElement$ = true;

  protected render(): unknown {
    return undefined;
  }
}

/** An element with what is in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>>,
  ...inside: readonly Node[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}
