/** How the details look. */
import type {CSSResult} from '@lit/reactive-element';
import {css} from '../shared/css.js';

export const detailsStyles: CSSResult = css`
  .base {
    anchor-name: --sync-status;
  }
  .details {
    position: fixed;
    inset: auto;
    position-anchor: --sync-status;
    position-area: block-end span-inline-end;
    position-try-fallbacks: flip-block, flip-inline, flip-block flip-inline;
    box-sizing: border-box;
    inline-size: min(23rem, calc(100vw - 2rem));
    max-block-size: min(40rem, calc(100dvh - 2rem));
    margin: 6px 0;
    padding: 0.9rem 1rem 1rem;
    overflow: auto;
    overscroll-behavior: contain;
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 1.5);
    color: var(--sync-surface-text, light-dark(#1a2027, #e9edf2));
    background: var(--_surface);
    box-shadow: var(--sync-shadow, 0 8px 28px light-dark(rgb(20 30 50 / 18%), rgb(0 0 0 / 55%)));
    font-size: 0.9375em;
    line-height: 1.45;
    text-align: start;
    white-space: normal;
    overflow-wrap: anywhere;
  }
  @supports not (position-area: block-end) {
    .details {
      margin: 0;
    }
  }
  .details:focus-visible {
    outline: none;
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1em;
    font-size: 1.0667em;
  }
  .close {
    flex: none;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    inline-size: 28px;
    min-block-size: 28px;
    margin-block: -0.2em;
    margin-inline-end: -0.3em;
    padding: 5px;
    border-color: transparent;
    color: var(--_text2);
  }
  .details p {
    margin: 0.15em 0 0;
    color: var(--_text2);
  }
  dl {
    display: grid;
    grid-template-columns: fit-content(38%) minmax(0, 1fr);
    gap: 0.5em 0.9em;
    margin: 0.8em 0 0;
    padding-block-start: 0.8em;
    border-block-start: 1px solid var(--_line);
  }
  dt {
    color: var(--_text2);
  }
  dd {
    margin: 0;
  }
  dd > * {
    display: block;
  }
  dd > * + * {
    color: var(--_text2);
  }
  /* In sight where the facts are longer than the window. */
  .do {
    position: sticky;
    inset-block-end: 0;
    margin-block-start: 1em;
    inline-size: 100%;
    min-block-size: 34px;
    background: var(--_surface);
    box-shadow: 0 0 0 0.6rem var(--_surface);
  }
  .do:hover {
    background: color-mix(in srgb, currentColor 8%, var(--_surface));
  }
`;
