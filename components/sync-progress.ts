import type {PropertyDeclarations} from '@lit/reactive-element';
import {progressTexts} from './locales/en/progress.js';
import type {Texts} from './locales/texts.js';
import {withUnit} from './locales/units.js';
import {Meter} from './progress/meter.js';
import {progressStyles} from './progress/progress-styles.js';
import {BareElement, make} from './shared/bare-element.js';
import {honestTotal} from './shared/honest-total.js';
import type {SyncService} from './shared/service.js';
import {ServiceConsumer} from './shared/service-consumer.js';
import {Speaker} from './shared/speaker.js';
import {PATIENCE} from './shared/steady-state.js';
import {tokens} from './shared/tokens.js';

/**
 * How far a snapshot or a catch-up has come, with rows and an estimate by the rate that was measured. Takes room only
 * while rows come, and only once that has lasted half a second.
 *
 * @summary Progress of a snapshot or a catch-up.
 * @csspart base - All that is visible.
 * @csspart rows - What has come, of how much.
 * @csspart time - How long the rest will take.
 * @csspart bar - The `progress`.
 * @cssstate active - Rows are coming.
 */
export class SyncProgress extends BareElement {
  static override styles = [tokens, progressStyles];
  static override properties: PropertyDeclarations = {provider: {}, texts: {attribute: false}};

  /** Id of a provider, or as property the element. Default: the nearest one above. */
  declare provider: string | Element | null | undefined;
  /** Texts to use in place of ours, one or several. */
  declare texts: Partial<Texts> | null | undefined;

  readonly #internals = this.attachInternals();
  readonly #speaker = new Speaker(this, progressTexts);
  readonly #meter = new Meter();
  #service: SyncService | undefined;
  /** Made when rows come first. */
  #parts: ReturnType<typeof makeParts> | undefined;
  /** Rows are coming, and have been for long enough to be shown. */
  #active = false;
  /** Runs while that is not yet long enough. */
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    new ServiceConsumer(this, service => {
      this.#service = service;
      const stop = service.onStateChange(() => this.#note());
      this.#note();
      return () => {
        stop();
        this.#service = undefined;
        // A move is a removal and an insertion in one task.
        setTimeout(() => this.#note());
      };
    });
  }

  protected override updated(): void {
    const active = this.#active;
    if (active) this.#internals.states.add('active');
    else this.#internals.states.delete('active');
    const progress = active && this.#service?.getState().progress;
    if (!progress) {
      this.#parts?.base.remove();
      return;
    }
    this.#parts ??= makeParts();
    const {base, rows, time, bar} = this.#parts;
    const {texts, format} = this.#speaker.speech;
    const total = honestTotal(progress);
    const {received} = progress;
    rows.textContent =
      total === null ? format.say(texts.rows, {n: received}) : format.say(texts.progress, {n: received, total});
    const left = this.#meter.left(total, performance.now());
    time.textContent = left ? format.say(texts.left, {time: withUnit(format, left.value, left.unit)}) : '';
    base.lang = format.lang;
    base.dir = format.dir;
    bar.ariaLabel = format.say(texts.syncing);
    bar.ariaValueText = rows.textContent;
    if (total) {
      bar.max = total;
      bar.value = received;
    } else {
      bar.removeAttribute('value');
    }
    if (!base.parentNode) this.renderRoot.append(base);
  }

  /** By the rows and not by the status: that says first what needs a person, and rows come all the same. */
  #note(): void {
    const progress = this.#service?.getState().progress;
    // Not every row is worth a drawing: what is not shown is not drawn either.
    if (this.#active) this.requestUpdate();
    if (progress) {
      this.#meter.note(progress.received, performance.now());
      this.#patience ??= setTimeout(() => this.#show(), PATIENCE);
    } else {
      this.#meter.reset();
      this.#active = false;
      clearTimeout(this.#patience);
      this.#patience = undefined;
    }
  }

  #show(): void {
    this.#active = true;
    this.requestUpdate();
  }
}

function makeParts() {
  const rows = make('span', {part: 'rows'});
  const time = make('span', {class: 'time', part: 'time'});
  const bar = make('progress', {part: 'bar'});
  return {base: make('div', {part: 'base'}, make('div', {class: 'words'}, rows, time), bar), rows, time, bar};
}
