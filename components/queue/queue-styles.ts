/** How the queue looks: quiet rows between lines, buttons beside them where there is room, else below. */
import type {CSSResult} from '@lit/reactive-element';
import {css} from '../shared/css.js';

export const queueStyles: CSSResult = css`
  :host {
    display: block;
    container-type: inline-size;
    font-variant-numeric: tabular-nums;
    line-height: 1.45;
  }
  ul {
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .row {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 0 0.7em;
    padding: 0.7em 0.5em;
    border-radius: var(--_radius);
  }
  .row + .row {
    border-block-start: 1px solid var(--_line);
    border-start-start-radius: 0;
    border-start-end-radius: 0;
  }
  .icon {
    margin-block-start: 0.18em;
  }
  .name,
  .reason,
  pre {
    overflow-wrap: anywhere;
  }
  .name {
    font-weight: var(--sync-label-weight, 500);
  }
  .meta {
    color: var(--_text2);
    font-size: 0.9375em;
  }
  .reason {
    color: var(--_bad);
  }
  details {
    font-size: 0.9375em;
    color: var(--_text2);
  }
  summary {
    inline-size: fit-content;
    min-block-size: 24px;
    cursor: pointer;
    border-radius: 3px;
  }
  pre {
    max-block-size: 16em;
    margin: 0.3em 0 0;
    padding: 0.6em 0.8em;
    overflow: auto;
    border-radius: var(--_radius);
    background: color-mix(in srgb, currentColor 7%, transparent);
    font-size: 0.875em;
    white-space: pre-wrap;
    text-align: left;
    unicode-bidi: isolate;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: start;
    gap: 0.4em;
  }
  .foot {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0.5em;
    padding: 0.6em 0.5em 0;
    border-block-start: 1px solid var(--_line);
  }
  .empty {
    display: flex;
    align-items: center;
    gap: 0.5em;
    margin: 0;
    padding: 0.7em 0.5em;
    color: var(--_text2);
  }
  @container (max-width: 36rem) {
    .actions {
      grid-column: 2 / -1;
      margin-block-start: 0.4em;
    }
  }
`;
