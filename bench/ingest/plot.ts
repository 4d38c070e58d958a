/** The rates as bars, in an SVG that follows the reader's choice of light or dark. */
export interface Bar {
  title: string;
  value: number;
  isOurs: boolean;
}

const [WIDTH, LABEL, VALUE, LINE, TOP, BOTTOM] = [760, 210, 90, 30, 56, 30];
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** @param bars in the order in which they are shown, the longest first */
export function plot(title: string, note: string, bars: readonly Bar[]): string {
  const most = Math.max(...bars.map(({value}) => value));
  const height = TOP + LINE * bars.length + BOTTOM;
  const rows = bars.map(({title, value, isOurs}, index) => {
    const y = TOP + LINE * index;
    const width = Math.max(1, Math.round(((WIDTH - LABEL - VALUE) * value) / most));
    const shown = Math.round(value).toLocaleString('en');
    return `  <text x="${LABEL - 10}" y="${y + 15}" text-anchor="end"${isOurs ? ' class="ours"' : ''}>${escaped(title)}</text>
  <rect x="${LABEL}" y="${y}" width="${width}" height="20" rx="3"${isOurs ? ' class="ours"' : ''}/>
  <text x="${LABEL + width + 8}" y="${y + 15}"${isOurs ? ' class="ours"' : ''}>${shown}</text>`;
  });
  const spoken = bars.map(({title, value}) => `${title}: ${Math.round(value).toLocaleString('en')}`).join('; ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`${title}. ${spoken}`)}">
  <style>
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-weight: 600; font-size: 15px; }
    .note { fill: #59636e; font-size: 12px; }
    rect { fill: #9aa4af; }
    rect.ours { fill: #0969da; }
    text.ours { font-weight: 600; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .note { fill: #9198a1; }
      rect { fill: #59636e; }
      rect.ours { fill: #4493f8; }
    }
  </style>
  <text x="10" y="24" class="title">${escaped(title)}</text>
${rows.join('\n')}
  <text x="10" y="${height - 8}" class="note">${escaped(note)}</text>
</svg>
`;
}
