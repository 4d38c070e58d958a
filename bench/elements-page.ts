/** The page of the elements bench: a thousand statuses on one service, beside a thousand bare elements of Lit. */
import {html, LitElement, type PropertyDeclarations} from 'lit';
import '../components/define/index.js';
import type {SyncState} from '../components/shared/core.js';
import {FakeService} from '../components/testing/fake-service.js';

const COUNT = 1000;
const WARM_UP = 6;

class BareText extends LitElement {
  static override properties: PropertyDeclarations = {text: {}};
  declare text: string;
  protected override render() {
    return html`<span>${this.text}</span>`;
  }
}
customElements.define('bare-text', BareText);

type Updating = Element & {updateComplete: Promise<unknown>};
const service = new FakeService();
const place = document.body.appendChild(document.createElement('main'));

function fill<T extends Updating>(tag: string): T[] {
  const provider = place.appendChild(document.createElement('sync-provider'));
  provider.service = service;
  provider.append(...Array.from({length: COUNT}, () => document.createElement(tag)));
  return [...provider.children] as unknown as T[];
}

/** The page as a person sees it: drawn, and nothing left to do. */
const drawn = () => new Promise(resolve => requestAnimationFrame(() => setTimeout(resolve)));

/** Milliseconds of script until all have taken the change in: they update in the order they stand in. */
async function timed(elements: readonly Updating[], change: () => void): Promise<number> {
  await drawn();
  const started = performance.now();
  change();
  await elements.at(-1)?.updateComplete;
  return performance.now() - started;
}

/** What a status shows; what no longer holds stays in it, hidden. */
function textOf(status: Element | undefined): string {
  const base = status?.shadowRoot?.querySelector<HTMLElement>('[part=base]');
  // biome-ignore lint/performance/useDomNodeTextContent: what is rendered is the question
  return base?.innerText.replace(/\s+/g, ' ') ?? '';
}

const BASE: Partial<SyncState> = {isConnected: true, lastSyncedAt: Date.now() - 3_600_000};
/** The state of each round; no two in a row say the same. */
const CHANGES: Readonly<Record<string, (round: number) => Partial<SyncState>>> = {
  count: round => ({...BASE, status: 'pending', pending: 1000 + round}),
  transition: round =>
    round % 2 === 0
      ? {...BASE, status: 'synced', isConnected: true, pending: 0}
      : {...BASE, status: 'offline', isConnected: false, pending: 1000 + round},
};

const theBench = {
  /** Milliseconds of each round, of ours and of the bare ones by turns. */
  async changes(name: string, rounds: number): Promise<{ours: number[]; bare: number[]}> {
    const bare = fill<BareText & Updating>('bare-text');
    const ours = fill('sync-status');
    const state = CHANGES[name] ?? (() => ({}));
    const result = {ours: [] as number[], bare: [] as number[]};
    const seen = new Set<string>();
    // What runs for the first time is not what is measured; and what passes has to have lasted before it shows.
    for (let round = -WARM_UP; round < rounds; round++) {
      const mine = await timed(ours, () => service.become(state(round)));
      if (round === -WARM_UP) await new Promise(resolve => setTimeout(resolve, 600));
      const text = textOf(ours.at(-1));
      seen.add(text);
      const theirs = await timed(bare, () => {
        for (const element of bare) element.text = text;
      });
      if (bare[0]?.shadowRoot?.textContent !== text || bare.at(-1)?.shadowRoot?.textContent !== text)
        throw new Error('The bare elements show something else');
      if (round < 0) continue;
      result.ours.push(mine);
      result.bare.push(theirs);
    }
    place.replaceChildren();
    if (seen.size < rounds / 2) throw new Error(`The statuses showed only ${seen.size} texts`);
    return result;
  },

  /** Writes to the page while the state changes in nothing that shows. */
  async unchanged(events: number): Promise<{writes: number; perEvent: number}> {
    service.become({...BASE, status: 'synced', pending: 0});
    const ours = fill('sync-status');
    await ours.at(-1)?.updateComplete;
    let writes = 0;
    const observer = new MutationObserver(records => {
      writes += records.length;
    });
    for (const {shadowRoot} of ours) {
      if (shadowRoot)
        observer.observe(shadowRoot, {subtree: true, childList: true, attributes: true, characterData: true});
    }
    const took = await timed(ours, () => {
      for (let event = 0; event < events; event++) service.become({latency: event, lastSyncedAt: Date.now() + event});
    });
    writes += observer.takeRecords().length;
    observer.disconnect();
    place.replaceChildren();
    return {writes, perEvent: took / events};
  },

  /** Puts every element in and takes it out again; resolves with what still listens. */
  async mounts(rounds: number): Promise<number> {
    service.become({...BASE, status: 'synced', pending: 0});
    for (let round = 0; round < rounds; round++) {
      const provider = place.appendChild(document.createElement('sync-provider'));
      provider.service = service;
      for (const tag of ['sync-status', 'sync-when', 'sync-progress', 'sync-queue', 'sync-inspector']) {
        provider.append(document.createElement(tag));
      }
      for (const element of provider.querySelectorAll('sync-status')) element.details = true;
      for (const element of provider.querySelectorAll('sync-inspector')) element.open = true;
      await (provider.lastElementChild as Updating).updateComplete;
      provider.remove();
    }
    // Those who leave look back once, in a task of their own: a move is not a removal.
    await new Promise(resolve => setTimeout(resolve));
    await new Promise(resolve => setTimeout(resolve));
    service.calls.length = 0;
    return service.listening;
  },
};

declare global {
  var bench: typeof theBench;
}
globalThis.bench = theBench;
