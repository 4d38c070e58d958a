/** The inside of `<sync-inspector>`, loaded when it is opened. For developers, and so in English and left to right. */
import type {ReactiveElement} from '@lit/reactive-element';
import {html, nothing, render, type TemplateResult} from 'lit';
import {formatFor} from '../locales/format.js';
import {withUnit} from '../locales/units.js';
import type {QueuedOperation, SyncState} from '../shared/core.js';
import {plain} from '../shared/operation-name.js';
import type {SyncService} from '../shared/service.js';
import {inspectorStyles} from './inspector-styles.js';
import {Recorder} from './recorder.js';
import {sparkline} from './sparkline.js';

export {inspectorStyles};

const LISTED = 20;
const english = formatFor('en');
const {number} = english;
const clock = new Intl.DateTimeFormat('en-GB', {timeStyle: 'medium'});
const time = (at: number | null) => (at === null ? 'never' : clock.format(at));
const milliseconds = (value: number | null) =>
  value === null ? 'unknown' : withUnit(english, value, 'millisecond', 'short');

export class Inspector {
  readonly #host: ReactiveElement;
  readonly #recorder: Recorder;
  #service: SyncService | undefined;
  #operations: readonly QueuedOperation[] = [];
  #diagnostics: Record<string, unknown> = {};
  #reading = false;
  #copied = '';

  constructor(host: ReactiveElement) {
    this.#host = host;
    this.#recorder = new Recorder(() => host.requestUpdate());
  }

  follow(service: SyncService): () => void {
    this.#service = service;
    const stops = [this.#recorder.follow(service), service.onStateChange(() => void this.#read(service))];
    void this.#past(service);
    return () => {
      for (const stop of stops) stop();
      this.#service = undefined;
    };
  }

  /** Draws into its host. */
  draw(open: boolean): void {
    render(open ? this.#panel() : nothing, this.#host.renderRoot as ShadowRoot);
  }

  #panel(): TemplateResult {
    const state = this.#service?.getState();
    if (!state) return html`<p class="panel none" part="panel" id="panel">No provider found.</p>`;
    return html`<div class="panel" part="panel" id="panel" lang="en" dir="ltr">
      <section>${this.#tab(state)}</section>
      <section>${this.#rows()} ${this.#position(state)}</section>
      <section class="wide">${this.#queue(state)}</section>
      <section class="wide">${this.#log()}</section>
      <section class="wide">${this.#report()}</section>
    </div>`;
  }

  #tab(state: SyncState): TemplateResult {
    const {role, mode, tabs, durable, storage, error} = state;
    return html`<h3>This tab</h3>
      ${facts({
        Status: error ? `${state.status}, ${error.code}: ${error.message}` : state.status,
        Role: role === 'leader' ? 'leader: owns the socket' : 'follower: another tab owns the socket',
        Tabs: number(tabs),
        Engine: mode === 'worker' ? 'in a worker' : 'in the page',
        Client: state.clientId || 'not named yet',
        Storage: durable ? (storage?.persisted ? 'durable, persisted' : 'durable, not persisted') : 'in memory only',
        'Round trip': milliseconds(state.latency),
        'Clock offset': milliseconds(state.clockOffset),
        Attempts: number(state.reconnectAttempts),
        'Next try': state.nextRetryAt === null ? 'none planned' : time(state.nextRetryAt),
      })}`;
  }

  #rows(): TemplateResult {
    const {rates} = this.#recorder;
    // The second that is under way would always look like a fall.
    const [now = 0] = rates.slice(-2);
    const most = Math.max(...rates);
    const words = `${number(now)} now, ${number(most)} at most`;
    return html`<h3>Rows a second <span>${words}</span></h3>
      ${sparkline(rates.slice(0, -1), `Rows a second over the last minute: ${words}`)}`;
  }

  #position({lastLSN, status, isConnected, progress, lastSyncedAt}: SyncState): TemplateResult {
    const behind = progress
      ? `behind: ${number(progress.received)} of ${progress.total === null ? 'unknown' : number(progress.total)} rows`
      : 'behind';
    // Both of one moment, where the engine tells both.
    const {checkpoint = lastLSN, head} = this.#diagnostics;
    // Not by the status alone, in which a refused operation comes before the rows that are still on their way.
    const isBehind = progress !== null || status === 'syncing' || (typeof head === 'string' && head !== checkpoint);
    const reached = isBehind ? behind : 'reached, as last heard';
    return facts({
      Checkpoint: checkpoint ? String(checkpoint) : 'none yet',
      Head: isConnected ? [head, reached].filter(Boolean).join(', ') : 'unknown: not connected',
      'Last synced': time(lastSyncedAt),
    });
  }

  #queue({pending, inFlight, failed}: SyncState): TemplateResult {
    const rest = this.#operations.length - LISTED;
    return html`<h3>Queue
        <span>${number(pending)} pending, ${number(inFlight)} in flight, ${number(failed)} failed</span>
      </h3>
      ${
        this.#operations.length === 0
          ? html`<p class="none">Empty.</p>`
          : html`<table>
            <thead><tr><th>Stage</th><th>Operation</th><th>Since</th><th>Tries</th><th>Error</th></tr></thead>
            <tbody>
              ${this.#operations.slice(0, LISTED).map(
                ({stage, type, entityType, entityId, createdAt, attempts, error}) => html`<tr>
                  <td>${stage}</td>
                  <td><bdi>${plain([type, entityType, entityId].filter(Boolean).join(' '))}</bdi></td>
                  <td>${time(createdAt)}</td>
                  <td>${attempts}</td>
                  <td><bdi>${error ? plain([error.code, error.message].filter(Boolean).join(': '), 200) : ''}</bdi></td>
                </tr>`,
              )}
            </tbody>
          </table>`
      }
      ${rest > 0 ? html`<p class="none">and ${number(rest)} more</p>` : nothing}`;
  }

  #log(): TemplateResult {
    return html`<h3>Log</h3>
      <ol tabindex="0" aria-label="Log, newest first">
        ${this.#recorder.entries.map(({at, what}) => html`<li><time>${time(at)}</time><bdi>${plain(what, 300)}</bdi></li>`)}
      </ol>`;
  }

  #report(): TemplateResult {
    return html`<h3>
        Diagnostics
        <button type="button" part="copy" @click=${() => void this.#copy()}>Copy</button>
      </h3>
      <pre tabindex="0" aria-label="Diagnostics">${JSON.stringify(this.#diagnostics, null, 2)}</pre>
      <p class="none" role="status">${this.#copied}</p>`;
  }

  /** What happened before anybody looked. */
  async #past(service: SyncService): Promise<void> {
    await this.#read(service);
    const {history} = this.#diagnostics;
    if (!Array.isArray(history)) return;
    const past = history as {at: number; status: string; phase: string}[];
    const opened = this.#recorder.entries.at(-1)?.at ?? Number.POSITIVE_INFINITY;
    const before = past.filter(({at}) => at < opened).reverse();
    this.#recorder.entries.push(
      ...before.map(({at, status, phase}) => ({at, what: `status ${status}, phase ${phase}`})),
    );
    this.#host.requestUpdate();
  }

  /** One reading at a time; the state that comes next asks again. */
  async #read(service: SyncService): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      [this.#operations, this.#diagnostics] = await Promise.all([service.operations(), service.diagnostics()]);
    } catch (thrown) {
      this.#diagnostics = {state: service.getState(), error: String(thrown)};
    }
    this.#reading = false;
    this.#host.requestUpdate();
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(JSON.stringify(this.#diagnostics, null, 2));
      this.#copied = 'Copied.';
    } catch {
      // No permission, or plain http: the text stands there to be selected.
      const text = this.#host.renderRoot.querySelector('pre');
      if (text) getSelection()?.selectAllChildren(text);
      this.#copied = 'The browser does not let a page copy here: the text is selected for you.';
    }
    this.#host.requestUpdate();
  }
}

function facts(of: Readonly<Record<string, string>>): TemplateResult {
  return html`<dl>${Object.entries(of).map(([name, value]) => html`<dt>${name}</dt><dd><bdi>${value}</bdi></dd>`)}</dl>`;
}
