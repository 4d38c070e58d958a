/**
 * The visual language of all elements, from public `--sync-*` properties to private `--_*` ones with defaults for light
 * and dark (`color-scheme` of the page decides). Words take the page's own font and colour, so that their contrast is the
 * page's; only icons and tints have colours of ours.
 */
import type {CSSResult} from '@lit/reactive-element';
import {css} from './css.js';

/**
 * @cssproperty [--sync-font=inherit] - Font, as a shorthand.
 * @cssproperty [--sync-color=inherit] - Colour of the words.
 * @cssproperty --sync-secondary-color - Colour of counts, times and other second words.
 * @cssproperty --sync-good-color - Icons and tints of what is saved.
 * @cssproperty --sync-busy-color - Icons and tints of what is under way.
 * @cssproperty --sync-quiet-color - Icons and tints of what is paused.
 * @cssproperty --sync-attention-color - Icons and tints of what is away: offline, signed out.
 * @cssproperty --sync-bad-color - Icons and tints of what failed.
 * @cssproperty --sync-surface-color - Background of panels.
 * @cssproperty --sync-surface-text - Words on panels.
 * @cssproperty --sync-shadow - Shadow of panels.
 * @cssproperty --sync-border-color - Lines.
 * @cssproperty --sync-action-border - Borders of buttons.
 * @cssproperty --sync-focus-color - The ring of the focus.
 * @cssproperty [--sync-radius=0.5em] - Radius of corners.
 * @cssproperty [--sync-gap=0.4em] - Room between icon, words and button.
 * @cssproperty [--sync-icon-size=1.1em] - Edge of the icons.
 * @cssproperty [--sync-label-weight=500] - Weight of the words of a status, and of the name of an operation.
 */
export const tokens: CSSResult = css`
  :host {
    --_good: var(--sync-good-color, light-dark(#1a7f37, #4ac26b));
    --_busy: var(--sync-busy-color, light-dark(#0b65c2, #6cb6ff));
    --_quiet: var(--sync-quiet-color, light-dark(#59636e, #9aa4af));
    --_attention: var(--sync-attention-color, light-dark(#8a5a00, #e3b341));
    --_bad: var(--sync-bad-color, light-dark(#c6262e, #ff7b72));
    --_text2: var(--sync-secondary-color, light-dark(#57606a, #a3adb8));
    --_surface: var(--sync-surface-color, light-dark(#fff, #1d232a));
    --_line: var(--sync-border-color, color-mix(in srgb, currentColor 18%, transparent));
    --_radius: var(--sync-radius, 0.5em);
    --_gap: var(--sync-gap, 0.4em);
    font: var(--sync-font, inherit);
    color: var(--sync-color, inherit);
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  [data-look~='good'] { --_tone: var(--_good); }
  [data-look~='busy'] { --_tone: var(--_busy); }
  [data-look~='quiet'] { --_tone: var(--_quiet); }
  [data-look~='attention'] { --_tone: var(--_attention); }
  [data-look~='bad'] { --_tone: var(--_bad); }
  .icon {
    flex: none;
    display: inline-flex;
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
  /* Parts in a row with dots between them; where a line breaks, the dot falls over the edge. */
  .texts {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    column-gap: 1em;
    min-inline-size: 0;
    overflow-x: clip;
  }
  .texts > * + *::before,
  .lead > * + *::before {
    content: '·' / '';
    position: absolute;
    margin-inline-start: -0.65em;
  }
  button {
    font: inherit;
    color: inherit;
    min-block-size: max(24px, 1.6em);
    padding: 0 0.65em;
    border: 1px solid var(--sync-action-border, color-mix(in srgb, currentColor 35%, transparent));
    border-radius: var(--_radius);
    background: none;
    cursor: pointer;
  }
  button:hover {
    background: color-mix(in srgb, currentColor 8%, transparent);
  }
  :focus-visible {
    outline: 2px solid var(--sync-focus-color, var(--_busy));
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
  @media (forced-colors: active) {
    :host {
      --_good: CanvasText;
      --_busy: CanvasText;
      --_quiet: CanvasText;
      --_attention: CanvasText;
      --_bad: CanvasText;
      --_text2: CanvasText;
    }
  }
`;
