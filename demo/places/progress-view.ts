/** How the sync is getting on: rows, share, rows a second, and afterwards how long it took. */

import {html, nothing, type TemplateResult} from 'lit';
import type {SyncState} from 'sync-elements';
import {formatNumber, formatShare} from './place.js';

/** The rate is that of the last two seconds, so that it neither jumps nor lags. */
const WINDOW = 2000;

export class SyncMeter {
  #samples: {at: number; received: number}[] = [];
  #started: number | undefined;
  #rows = 0;
  /** What was seen to arrive, once it has. */
  finished: {rows: number; seconds: number} | undefined;

  note(state: SyncState, at = performance.now()): void {
    const {progress} = state;
    if (progress && state.status === 'syncing') {
      if (progress.received < this.#rows) this.#samples = [];
      this.#started ??= at;
      this.#rows = progress.received;
      this.#samples = [...this.#samples.filter(sample => at - sample.at < WINDOW), {at, received: progress.received}];
    } else if (this.#started !== undefined && !progress) {
      if (state.status === 'synced') this.finished = {rows: this.#rows, seconds: (at - this.#started) / 1000};
      this.#started = undefined;
      this.#samples = [];
      this.#rows = 0;
    }
  }

  get rate(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 100) return 0;
    return ((last.received - first.received) / (last.at - first.at)) * 1000;
  }
}

/** A hundred rows are there before anybody could read about them. */
const WORTH_TELLING = 1000;

export function progressView(state: SyncState, meter: SyncMeter): TemplateResult | typeof nothing {
  const {progress} = state;
  if (progress && state.status === 'syncing') {
    const {received, total} = progress;
    const known = total !== null && total >= received ? total : null;
    return html`<div class="progress">
      <div class="numbers">
        <span>
          <strong>${formatNumber(received)}</strong>${known === null ? ' places' : ` of ${formatNumber(known)} places`}
          ${known ? ` · ${formatShare(received, known)}` : nothing}
        </span>
        <span class="rate">${meter.rate > 0 ? `${formatNumber(Math.round(meter.rate / 100) * 100)} rows a second` : nothing}</span>
      </div>
      ${
        known === null
          ? html`<progress aria-label="Places received"></progress>`
          : html`<progress aria-label="Places received" max=${known} .value=${received}></progress>`
      }
    </div>`;
  }
  const {finished} = meter;
  if (!finished || finished.rows < WORTH_TELLING) return nothing;
  const rate = Math.round(finished.rows / finished.seconds / 100) * 100;
  return html`<div class="progress">
    <div class="numbers">
      <span><strong>${formatNumber(finished.rows)} places</strong> arrived in ${finished.seconds.toFixed(1)} seconds</span>
      <span class="rate">${formatNumber(rate)} rows a second</span>
    </div>
  </div>`;
}
