/** How progress looks: a bar with a line of words, which stand beside each other where there is room. */
import type {CSSResult} from '@lit/reactive-element';
import {css} from '../shared/css.js';

export const progressStyles: CSSResult = css`
  :host {
    display: block;
    container-type: inline-size;
    font-variant-numeric: tabular-nums;
  }
  .words {
    display: flex;
    justify-content: space-between;
    gap: 0 1em;
    margin-block-end: 0.35em;
    line-height: 1.5;
  }
  .words > * {
    white-space: nowrap;
  }
  .time {
    overflow: hidden;
    text-overflow: ellipsis;
    color: var(--_text2);
  }
  progress {
    appearance: none;
    display: block;
    inline-size: 100%;
    block-size: 0.5em;
    overflow: hidden;
    border: 0;
    border-radius: 99em;
    color: var(--_busy);
    background: color-mix(in srgb, var(--_busy) 18%, transparent);
  }
  progress::-webkit-progress-bar {
    background: none;
  }
  progress::-webkit-progress-value {
    border-radius: 99em;
    background: var(--_busy);
  }
  progress::-moz-progress-bar {
    border-radius: 99em;
    background: var(--_busy);
  }
  progress:indeterminate {
    background: linear-gradient(90deg, transparent 30%, var(--_busy) 50%, transparent 70%) 50% 0 / 200% 100%
      color-mix(in srgb, var(--_busy) 18%, transparent);
  }
  progress:indeterminate::-moz-progress-bar {
    background: none;
  }
  @media (prefers-reduced-motion: no-preference) {
    progress:indeterminate {
      animation: pass 1.8s linear infinite;
    }
  }
  @keyframes pass {
    from { background-position: 150% 0, 0 0; }
    to { background-position: -50% 0, 0 0; }
  }
  @container (max-width: 20rem) {
    .words {
      flex-direction: column;
    }
    .time:empty::before {
      content: '\\200b';
    }
  }
  @media (forced-colors: active) {
    progress {
      border: 1px solid CanvasText;
      forced-color-adjust: none;
      color: Highlight;
      background: Canvas;
    }
    progress::-webkit-progress-value {
      background: Highlight;
    }
    progress::-moz-progress-bar {
      background: Highlight;
    }
  }
`;
