/**
 * The details of a status: a popover that tells the whole truth. Loaded on demand, drawn only while it is open. The
 * browser opens and closes it (button, Escape, a click elsewhere); we say what is in it, and give the focus back.
 */
import type {ReactiveController, ReactiveElement} from '@lit/reactive-element';
import {html, nothing, render, type TemplateResult} from 'lit';
import {detailsTexts} from '../locales/en/details.js';
import {statusTexts} from '../locales/en/status.js';
import type {QueuedOperation} from '../shared/core.js';
import type {SyncService} from '../shared/service.js';
import {Speaker, type SpeakingHost} from '../shared/speaker.js';
import {pageTicker} from '../shared/ticker.js';
import {describe} from '../status/describe.js';
import {keepBeside} from './anchor.js';
import {detailsStyles} from './details-styles.js';
import {type DetailsKey, factsOf} from './facts.js';

const texts = {...statusTexts, ...detailsTexts};

type DetailedHost = ReactiveElement & SpeakingHost & {readonly details: boolean};

export class Details implements ReactiveController {
  readonly #host: DetailedHost;
  readonly #service: () => SyncService | undefined;
  readonly #act: () => void;
  readonly #speaker: Speaker<DetailsKey>;
  readonly #changed = (): void => this.#host.requestUpdate();
  #operations: readonly QueuedOperation[] = [];
  #reading = false;
  #focused = false;
  /** The button had the focus before a drawing. */
  #acting = false;
  /** Set while open. */
  #close: (() => void) | undefined;

  constructor(host: DetailedHost, service: () => SyncService | undefined, act: () => void) {
    this.#host = host;
    this.#service = service;
    this.#act = act;
    this.#speaker = new Speaker(host, texts);
    const {styleSheet} = detailsStyles;
    const {shadowRoot} = host;
    if (styleSheet && shadowRoot) shadowRoot.adoptedStyleSheets = [...shadowRoot.adoptedStyleSheets, styleSheet];
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#close?.();
  }

  hostUpdate(): void {
    this.#acting = this.#host.shadowRoot?.activeElement?.matches('.do') ?? false;
  }

  /** Draws. Where nothing is left to do, who did it stays in the panel. */
  hostUpdated(): void {
    render(this.#host.details ? this.#panel() : nothing, this.#host.renderRoot as ShadowRoot);
    const root = this.#host.shadowRoot;
    if (this.#acting && !root?.querySelector('.do')) root?.getElementById('details')?.focus();
  }

  #panel(): TemplateResult {
    const {lang, dir} = this.#speaker.speech.format;
    return html`<div
      class="details"
      part="details"
      id="details"
      popover
      role="dialog"
      aria-labelledby="details-title"
      tabindex="-1"
      autofocus
      lang=${lang}
      dir=${dir}
      @beforetoggle=${() => this.#look()}
      @toggle=${(event: ToggleEvent) => this.#toggled(event)}
    >
      ${this.#close ? this.#content() : nothing}
    </div>`;
  }

  /** Whether the focus is inside, about to lose its place. */
  #look(): void {
    const root = this.#host.shadowRoot;
    this.#focused = root?.getElementById('details')?.contains(root.activeElement) ?? false;
  }

  #toggled({newState, target}: ToggleEvent): void {
    this.#close?.();
    // Browsers give the focus back to what had it in the document: from inside a shadow root, to nobody.
    if (newState === 'closed' && this.#focused) this.#host.shadowRoot?.getElementById('cover')?.focus();
    const service = this.#service();
    if (newState !== 'open' || !service) return;
    const read = () => void this.#read(service);
    const stops = [
      service.onStateChange(read),
      keepBeside(target as HTMLElement, this.#host),
      () => pageTicker.cancel(this.#changed),
    ];
    this.#close = () => {
      for (const stop of stops) stop();
      this.#close = undefined;
      this.#operations = [];
      this.#changed();
    };
    this.#changed();
    read();
  }

  /** One reading at a time; the state that comes next asks again. */
  async #read(service: SyncService): Promise<void> {
    this.#changed();
    if (this.#reading || service.getState().failed === 0) return;
    this.#reading = true;
    try {
      this.#operations = await service.operations({stage: 'failed'});
    } catch {
      // The state says what is wrong; what was read before stays.
    }
    this.#reading = false;
    this.#changed();
  }

  #content(): TemplateResult {
    const {speech} = this.#speaker;
    const {texts, format} = speech;
    const state = this.#service()?.getState();
    if (!state) return html``;
    const now = Date.now();
    const {description, until} = describe(state, speech, now);
    const {facts, nextAt} = factsOf(state, this.#operations, speech, now);
    pageTicker.schedule(this.#changed, Math.min(until, nextAt));
    const {label, count, note, tone, action} = description;
    return html`<div class="head" data-look=${tone}>
        <strong id="details-title">${label}</strong>
        <button class="close" type="button" popovertarget="details" popovertargetaction="hide"
          aria-label=${format.say(texts.close)}>
          <svg viewBox="0 0 16 16" aria-hidden="true"><path d="m4 4 8 8m0-8-8 8"></path></svg>
        </button>
      </div>
      ${count || note ? html`<p>${[count, note].filter(Boolean).join(' · ')}</p>` : nothing}
      <dl>
        ${facts.map(
          ({name, lines}) => html`<dt>${name}</dt>
            <dd>${lines.map(line => html`<span><bdi>${line}</bdi></span>`)}</dd>`,
        )}
      </dl>
      ${action ? html`<button class="do" type="button" @click=${this.#act}>${action.label}</button>` : nothing}`;
  }
}
