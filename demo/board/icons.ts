import {svg} from 'lit';

export const gripIcon = svg`<svg viewBox="0 0 16 16" aria-hidden="true">
  ${[3.5, 8, 12.5].map(y => svg`<circle cx="5.5" cy=${y} r="1.2"></circle><circle cx="10.5" cy=${y} r="1.2"></circle>`)}
</svg>`;
export const moreIcon = svg`<svg viewBox="0 0 16 16" aria-hidden="true">
  ${[3.5, 8, 12.5].map(x => svg`<circle cx=${x} cy="8" r="1.3"></circle>`)}
</svg>`;
export const clockIcon = svg`<svg viewBox="0 0 16 16" aria-hidden="true">
  <circle cx="8" cy="8" r="6.25"></circle><path d="M8 4.6V8l2.3 1.5"></path>
</svg>`;
export const warningIcon = svg`<svg viewBox="0 0 16 16" aria-hidden="true">
  <path d="M8 2.2 14.3 13.2H1.7Z"></path><path d="M8 6.4v3.1M8 11.3v.2"></path>
</svg>`;
