/** How a status looks. Words take the page's own colour, so their contrast is the page's; only icons have one of ours. */
import {css} from 'lit';

export const statusStyles = css`
  :host {
    --_good: var(--sync-good-color, light-dark(#1a7f37, #4ac26b));
    --_busy: var(--sync-busy-color, light-dark(#0b65c2, #6cb6ff));
    --_quiet: var(--sync-quiet-color, light-dark(#59636e, #9aa4af));
    --_attention: var(--sync-attention-color, light-dark(#8a5a00, #e3b341));
    --_bad: var(--sync-bad-color, light-dark(#c6262e, #ff7b72));
    display: inline-flex;
    vertical-align: middle;
    font: var(--sync-font, inherit);
  }
  :host([hidden]) {
    display: none;
  }
  .base {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 var(--sync-gap, 0.4em);
    min-block-size: 1.75em;
    font-variant-numeric: tabular-nums;
    color: var(--sync-color, inherit);
  }
  .base[hidden] {
    display: none;
  }
  .good { --_tone: var(--_good); }
  .busy { --_tone: var(--_busy); }
  .quiet { --_tone: var(--_quiet); }
  .attention { --_tone: var(--_attention); }
  .bad { --_tone: var(--_bad); }
  .icon {
    display: inline-flex;
    flex: none;
    inline-size: var(--sync-icon-size, 1.1em);
    block-size: var(--sync-icon-size, 1.1em);
    color: var(--_tone);
  }
  svg {
    inline-size: 100%;
    block-size: 100%;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.6;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .label {
    font-weight: var(--sync-label-weight, 500);
  }
  .more {
    color: var(--sync-secondary-color, light-dark(#59636e, #9aa4af));
  }
  button {
    font: inherit;
    min-block-size: 24px;
    margin-inline-start: 0.15em;
    padding: 0 0.6em;
    border: 1px solid var(--sync-action-border, color-mix(in srgb, currentColor 35%, transparent));
    border-radius: var(--sync-radius, 0.4em);
    color: inherit;
    background: none;
    cursor: pointer;
  }
  button:hover {
    background: color-mix(in srgb, currentColor 8%, transparent);
  }
  button:focus-visible {
    outline: 2px solid var(--sync-focus-color, light-dark(#0b65c2, #6cb6ff));
    outline-offset: 2px;
  }
  .said {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: no-preference) {
    .busy svg.busy,
    .attention svg.busy {
      animation: turn 1.4s linear infinite;
    }
  }
  @keyframes turn {
    to { transform: rotate(1turn); }
  }
  @media (forced-colors: active) {
    .icon { color: CanvasText; }
    .more { color: CanvasText; }
    button { border-color: ButtonBorder; color: ButtonText; }
  }
`;
