/** A note at the foot of the page with one way back. It waits for whoever is pointing at it or focuses it. */
import {html, nothing, render} from 'lit';

const SHOWN = 10_000;
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(place: HTMLElement, message: string, label: string, undo: () => void): void {
  const close = () => {
    clearTimeout(timer);
    render(nothing, place);
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(close, SHOWN);
  };
  const stay = () => clearTimeout(timer);
  const run = () => {
    close();
    undo();
  };
  render(
    html`<div class="toast" @pointerenter=${stay} @pointerleave=${wait} @focusin=${stay} @focusout=${wait}>
      <span class="said" dir="auto">${message}</span>
      <button type="button" @click=${run}>${label}</button>
    </div>`,
    place,
  );
  wait();
}
