/** How the inspector looks: a panel of facts for developers, in columns where there is room. */
import type {CSSResult} from '@lit/reactive-element';
import {css} from '../shared/css.js';

export const inspectorStyles: CSSResult = css`
  :host {
    display: block;
    container-type: inline-size;
    line-height: 1.45;
  }
  .panel {
    display: grid;
    gap: 1.1em 1.6em;
    margin-block-start: 0.5em;
    padding: 1em 1.1em 1.1em;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 1.5);
    color: var(--sync-surface-text, light-dark(#1a2027, #e9edf2));
    background: var(--_surface);
    font-size: 0.875em;
    font-variant-numeric: tabular-nums;
  }
  @container (min-width: 44rem) {
    .panel {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .wide {
      grid-column: 1 / -1;
    }
  }
  section {
    min-inline-size: 0;
  }
  h3 {
    display: flex;
    align-items: baseline;
    justify-content: space-between;
    gap: 1em;
    margin: 0 0 0.4em;
    font-size: 1em;
    font-weight: 600;
  }
  h3 > span {
    font-weight: 400;
    color: var(--_text2);
  }
  dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 0.15em 1em;
    margin: 0;
  }
  dt {
    color: var(--_text2);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .spark {
    display: block;
    block-size: 3.2em;
    margin-block-end: 0.6em;
    color: var(--_busy);
  }
  .spark polyline {
    vector-effect: non-scaling-stroke;
    stroke-width: 1.5;
  }
  .spark polygon {
    stroke: none;
    fill: color-mix(in srgb, currentColor 14%, transparent);
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  :is(th, td) {
    padding: 0.2em 0.6em 0.2em 0;
    border-block-end: 1px solid var(--_line);
    text-align: start;
    font-weight: 400;
    vertical-align: top;
    white-space: nowrap;
  }
  :is(th, td):is(:nth-child(2), :nth-child(5)) {
    inline-size: 45%;
    white-space: normal;
    overflow-wrap: anywhere;
  }
  @container (max-width: 32rem) {
    :is(th, td):is(:nth-child(3), :nth-child(4)) {
      display: none;
    }
  }
  th {
    color: var(--_text2);
  }
  ol,
  pre {
    margin: 0;
    padding: 0.5em 0.7em;
    max-block-size: 15em;
    overflow: auto;
    border-radius: var(--_radius);
    background: color-mix(in srgb, currentColor 5%, transparent);
    font-family: ui-monospace, monospace;
    font-size: 0.9286em;
    overflow-wrap: anywhere;
  }
  pre {
    white-space: pre-wrap;
  }
  ol {
    list-style: none;
  }
  time {
    margin-inline-end: 0.8em;
    color: var(--_text2);
  }
  @media (forced-colors: active) {
    ol,
    pre {
      border: 1px solid;
    }
  }
  .none {
    margin: 0;
    color: var(--_text2);
  }
`;
