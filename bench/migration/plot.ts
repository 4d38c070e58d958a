/** Before and after as pairs of bars, each pair on a scale of its own, in an SVG that follows the reader's light or dark. */
import {type Row, shown} from './figures.js';

const [WIDTH, LABEL, VALUE, PAIR, TOP, BOTTOM] = [760, 280, 130, 46, 62, 34];
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

export function plotPairs(title: string, note: string, rows: readonly Row[]): string {
  const height = TOP + PAIR * rows.length + BOTTOM;
  const bar = (which: 'before' | 'after', {before, after, unit, ...row}: Row, y: number) => {
    const value = which === 'before' ? before : after;
    const width = Math.max(1, Math.round(((WIDTH - LABEL - VALUE) * value) / Math.max(before, after)));
    return `  <rect x="${LABEL}" y="${y}" width="${width}" height="15" rx="2" class="${which}"/>
  <text x="${LABEL + width + 6}" y="${y + 12}" class="${which}">${shown(value, unit)}${row.isMoreBetter ? ' ↑' : ''}</text>`;
  };
  const pairs = rows.map((row, index) => {
    const y = TOP + PAIR * index;
    return `  <text x="${LABEL - 10}" y="${y + 20}" text-anchor="end">${escaped(row.name)}</text>
${bar('before', row, y)}
${bar('after', row, y + 17)}`;
  });
  const spoken = rows.map(
    ({name, before, after, unit}) => `${name}: ${shown(before, unit)} before, ${shown(after, unit)} after`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`${title}. ${spoken.join('; ')}`)}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .note, text.before { fill: #59636e; font-size: 12px; }
    text.after { font-weight: 600; font-size: 12px; }
    rect.before { fill: #9aa4af; }
    rect.after { fill: #0969da; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .note, text.before { fill: #9198a1; }
      rect.before { fill: #59636e; }
      rect.after { fill: #4493f8; }
    }
  </style>
  <text x="10" y="24" class="title">${escaped(title)}</text>
  <text x="10" y="44" class="note">Grey: before. Blue: after. Shorter is better, but where an arrow says otherwise.</text>
${pairs.join('\n')}
  <text x="10" y="${height - 10}" class="note">${escaped(note)}</text>
</svg>
`;
}
