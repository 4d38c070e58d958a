/** How a status looks, in each variant. */
import type {CSSResult} from '@lit/reactive-element';
import {css} from '../shared/css.js';
import {icons} from '../shared/icons.js';

/** What the painter has left in place and does not hold now. */
const unseen = [
  ...Object.keys(icons).map(icon => ['is', icon]),
  ...['count', 'note', 'time', 'button'].map(part => ['has', part]),
]
  .map(([verb, name]) => `.base:not([data-look~='${verb}-${name}']) .${name}`)
  .join();

export const statusStyles: CSSResult = css`
  :host {
    display: inline-flex;
    vertical-align: middle;
    min-inline-size: 0;
    max-inline-size: 100%;
  }
  .label span {
    display: contents;
  }
  /* Important, so that no page shows them by its styles for a part. */
  ${unseen},
  .base:is(:not([data-look]), [data-look='']) {
    display: none !important;
  }
  .base {
    position: relative;
    box-sizing: border-box;
    display: inline-flex;
    align-items: center;
    gap: var(--_gap);
    min-inline-size: 0;
    max-inline-size: 100%;
    min-block-size: max(28px, 1.75em);
    border-radius: var(--_radius);
    font-variant-numeric: tabular-nums;
  }
  /*
   * One line in every state, so that nothing moves when the state changes. What has no room beside the status and its
   * count is shortened, or goes to a second line, which nobody sees: first the time, then the note; the details have both.
   */
  .base > .texts {
    block-size: 1lh;
    align-content: flex-start;
    overflow: clip;
  }
  .lead {
    display: flex;
    flex-wrap: wrap;
    column-gap: 1em;
    min-inline-size: 0;
    max-inline-size: 100%;
  }
  .label,
  .more {
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  /* Shortened before they go, from the last to the first, so that little room stays empty. A number never is. */
  .more {
    flex: 1 1 5em;
    max-inline-size: max-content;
  }
  .note {
    flex-grow: 1000;
  }
  [data-look~='busy'] .count {
    flex: none;
  }
  :host([quiet]) [data-look~='calm'] {
    display: none;
  }
  .label {
    max-inline-size: 100%;
    font-weight: var(--sync-label-weight, 500);
  }
  .more {
    color: var(--_text2);
  }
  .button {
    position: relative;
    flex: none;
    margin-inline-start: 0.15em;
  }
  .cover {
    position: absolute;
    inset: 0;
    min-block-size: 0;
    border: 0;
  }
  :host([details]) .base {
    padding-inline: 0.45em 1.5em;
  }
  .cover::after {
    content: '';
    position: absolute;
    inset-inline-end: 0.6em;
    inset-block-start: calc(50% - 0.28em);
    inline-size: 0.32em;
    block-size: 0.32em;
    border: solid currentColor;
    border-width: 0 1.5px 1.5px 0;
    rotate: 45deg;
    opacity: 0.7;
  }

  :host([variant='badge']) .base {
    padding-inline: 0.6em 0.7em;
    border-radius: 99em;
    background: color-mix(in srgb, var(--_tone) 12%, transparent);
  }
  :host([variant='badge']) .texts {
    flex-wrap: nowrap;
  }
  :host([variant='badge'][details]) .base {
    padding-inline-end: 1.6em;
  }
  :host([variant='badge']) :is(.base, .icon) {
    font-size: 0.9375em;
  }
  :host([variant='badge']) .more,
  :host([variant='dot']) :is(.label, .more) {
    position: absolute;
    inline-size: 1px;
    max-inline-size: none;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :host([variant='badge']) .button,
  :host([variant='dot']) .button {
    display: none;
  }
  :host([variant='badge']) [data-look~='has-amount'] .texts::after {
    content: attr(data-amount) / '';
    flex: none;
    min-inline-size: 1.5em;
    margin-inline-start: -0.5em;
    padding-inline: 0.35em;
    box-sizing: border-box;
    border-radius: 99em;
    text-align: center;
    background: color-mix(in srgb, var(--_tone) 18%, transparent);
  }

  :host([variant='dot']) .base {
    justify-content: center;
    gap: 0;
    inline-size: max(28px, 1.75em);
    padding: 0;
    border-radius: 50%;
    background: color-mix(in srgb, var(--_tone) 12%, transparent);
  }
  :host([variant='dot']) .cover {
    border-radius: 50%;
  }
  :host([variant='dot']) .cover::after {
    content: none;
  }

  :host([variant='bar']) {
    display: block;
  }
  :host([variant='bar']) .base {
    display: flex;
    min-block-size: max(44px, 2.75em);
    padding: 0.3em 0.9em;
    border: 1px solid color-mix(in srgb, var(--_tone) 28%, transparent);
    background: color-mix(in srgb, var(--_tone) 10%, transparent);
  }
  :host([variant='bar'][details]) .base {
    padding-inline-end: 2em;
  }
  :host([variant='bar']) .button {
    margin-inline-start: auto;
  }
  @media (prefers-reduced-motion: no-preference) {
    [data-look~='is-busy'] svg {
      animation: turn 1.4s linear infinite;
    }
  }
  @keyframes turn {
    to { transform: rotate(1turn); }
  }
  @media (forced-colors: active) {
    :host(:not([variant='inline'])) .base {
      border: 1px solid;
    }
  }
`;
