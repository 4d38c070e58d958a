/**
 * Styles as they travel: without comments and room that only readers need. Minifiers leave what lies between backticks as
 * it is, and a page would load it with each element.
 */

/** A template of Lit's `css`; what is put in may hold no template of its own. */
const TEMPLATE = /\bcss ?`((?:[^`\\$]|\\[\s\S]|\$\{[^}`]*\}|\$(?!\{))*)`/g;
const QUOTED = `"[^"]*"|'[^']*'`;
const SPACE = new RegExp(String.raw`(${QUOTED})|(?:\s|/\*[\s\S]*?\*/)+`, 'g');
const AROUND = new RegExp(`(${QUOTED})| ?([{};,]) ?|: `, 'g');

/** The same code with its `css` templates made small. Lines stay where they are, so that source maps stay right. */
export function compactCss(code) {
  return code.replace(TEMPLATE, (template, css) => {
    const small = css
      .replace(SPACE, (_, quoted) => quoted ?? ' ')
      .replace(AROUND, (_, quoted, mark) => quoted ?? mark ?? ':')
      .replaceAll(';}', '}')
      .trim();
    return `css\`${small}\`${'\n'.repeat(template.split('\n').length - 1)}`;
  });
}

/** The same, for what is bundled from the sources. @returns {import('vite').Plugin} */
export function compactStyles() {
  return {
    name: 'compact-styles',
    enforce: 'pre',
    transform: code => (code.includes('css`') ? {code: compactCss(code), map: null} : null),
  };
}
