/** The icons: strokes on a grid of 16, in the current colour. Told apart by shape, so colour is never needed. */
import {svg, type TemplateResult} from 'lit';
import type {IconName} from './describe.js';

const RING = svg`<circle cx="8" cy="8" r="6.25"></circle>`;
const SHAPES: Readonly<Record<IconName, TemplateResult<2>>> = {
  saved: svg`${RING}<path d="m5.2 8.3 2 2 3.7-4.4"></path>`,
  waiting: svg`${RING}<path d="M8 4.6V8l2.3 1.5"></path>`,
  offline: svg`<path d="M6.3 3.7A4 4 0 0 1 11.7 6.8a2.8 2.8 0 0 1 2.1 4M11.6 12.3H4.7a2.7 2.7 0 0 1-.6-5.3"></path>
    <path d="m2.3 2.3 11.4 11.4"></path>`,
  busy: svg`<path d="M13.7 6.4A5.9 5.9 0 0 0 3.1 4.9M2.3 9.6a5.9 5.9 0 0 0 10.6 1.5"></path>
    <path d="M2.8 2v3.1h3.1M13.2 14v-3.1h-3.1"></path>`,
  person: svg`<circle cx="8" cy="5.3" r="2.8"></circle><path d="M2.7 13.7a5.3 5.3 0 0 1 10.6 0"></path>`,
  warning: svg`<path d="M8 2.2 14.3 13.2H1.7Z"></path><path d="M8 6.4v3.1M8 11.3v.2"></path>`,
  paused: svg`${RING}<path d="M6.3 5.8v4.4M9.7 5.8v4.4"></path>`,
};

export function icon(name: IconName): TemplateResult<2> {
  return svg`<svg class=${name} viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`;
}
