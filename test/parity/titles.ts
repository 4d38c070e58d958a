/** Which lines of docs/parity.md have a test. */

/** @param sources texts of test files */
export function linesWithoutTest(page: string, sources: readonly string[]): {lines: string[]; without: string[]} {
  const lines = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name);
  const titles = sources.flatMap(source =>
    [...source.matchAll(/\b(?:it|test)\(\s*(['"])((?:(?!\1).)+)\1/g)].map(([, , title = '']) => title),
  );
  return {lines, without: lines.filter(line => !titles.some(title => title.startsWith(`${line}: `)))};
}
