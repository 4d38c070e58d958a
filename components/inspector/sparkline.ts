/** Numbers over time as a line, the highest at the top. */
import {html, type TemplateResult} from 'lit';

const WIDTH = 240;
const HEIGHT = 36;

export function sparkline(values: readonly number[], label: string): TemplateResult {
  const highest = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) => `${(at * step).toFixed(1)},${(HEIGHT - (value / highest) * HEIGHT).toFixed(1)}`,
  );
  return html`<svg class="spark" viewBox="0 -1 ${WIDTH} ${HEIGHT + 2}" preserveAspectRatio="none" role="img" aria-label=${label}>
    <polygon points="0,${HEIGHT} ${points.join(' ')} ${WIDTH},${HEIGHT}"></polygon>
    <polyline points=${points.join(' ')}></polyline>
  </svg>`;
}
