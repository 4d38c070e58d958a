/** Style sheets as Lit takes them. Its own tag says at length what may stand between the braces; here it is ours alone. */
import {type CSSResult, unsafeCSS} from '@lit/reactive-element/css-tag.js';

export function css(texts: TemplateStringsArray, ...values: readonly unknown[]): CSSResult {
  return unsafeCSS(String.raw({raw: texts}, ...values));
}
