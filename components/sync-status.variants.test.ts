/** A status in its four variants: the same truth, in more or less room. */
import {expect, html, waitUntil} from '@open-wc/testing';
import {IDLE_STATE} from './shared/core.js';
import {STATES} from './testing/scenes.js';
import {find, scene, seen, wordsOf} from './testing/status-scene.js';

const VARIANTS = ['inline', 'badge', 'dot', 'bar'];
const hidden = (element: HTMLElement | null) => element !== null && element.offsetWidth <= 1;

describe('<sync-status> in each variant', () => {
  it('shows no words that no longer hold, even where a page styles their parts', async () => {
    const style = document.head.appendChild(document.createElement('style'));
    style.textContent = 'sync-status::part(count), sync-status::part(action) { display: block }';
    const {element, show} = await scene(STATES['offline'] ?? {});
    expect(seen(element)).to.match(/^Offline · 3 changes saved on this device/);
    await show({...STATES['saved']});
    await waitUntil(() => seen(element) === 'Saved');
    expect(find(element, '[part=action]')?.checkVisibility()).to.equal(false);
    style.remove();
  });

  for (const variant of VARIANTS) {
    it(`${variant} says in words what it shows`, async () => {
      const {element} = await scene(STATES['offline'] ?? {}, html`<sync-status variant=${variant}></sync-status>`);
      expect(wordsOf(find(element, '[part=label]'))).to.equal('Offline');
      expect(wordsOf(find(element, '[part=count]'))).to.equal('3 changes saved on this device');
      expect(hidden(find(element, '[part=label]'))).to.equal(variant === 'dot');
    });

    it(`${variant} is as high in one state as in another`, async () => {
      const {element, show} = await scene(STATES['saved'] ?? {}, html`<sync-status variant=${variant}></sync-status>`);
      const height = element.offsetHeight;
      for (const name of ['waiting', 'offline', 'refused', 'paused']) {
        await show({error: null, failed: 0, pending: 0, ...STATES[name]});
        expect(element.offsetHeight, name).to.equal(height);
      }
    });
  }

  it('badge shows the number alone, and says the sentence', async () => {
    const {element} = await scene(STATES['offline'] ?? {}, html`<sync-status variant="badge"></sync-status>`);
    const words = find(element, '.texts') as HTMLElement;
    expect(getComputedStyle(words, '::after').content).to.match(/attr\(data-amount\)|"3"/);
    expect(words.dataset['amount']).to.equal('3');
    expect(hidden(find(element, '[part=count]'))).to.equal(true);
  });

  it('has the number of a badge only while it is one', async () => {
    const {element} = await scene(STATES['offline'] ?? {});
    const amount = () => find(element, '.texts')?.dataset['amount'] ?? '';
    expect(amount()).to.equal('');
    element.variant = 'badge';
    await element.updateComplete;
    expect(amount()).to.equal('3');
    element.variant = 'bar';
    await element.updateComplete;
    expect(amount()).to.equal('');
  });

  it('changes its variant, and shows one it does not know inline', async () => {
    const {element} = await scene(STATES['offline'] ?? {}, html`<sync-status variant="dot"></sync-status>`);
    element.setAttribute('variant', 'hologram');
    await element.updateComplete;
    expect(hidden(find(element, '[part=label]'))).to.equal(false);
    expect(seen(element)).to.contain('3 changes saved on this device');
  });
});

describe('<sync-status> in little room', () => {
  const each = VARIANTS.flatMap(variant =>
    [320, 360, 560].flatMap(width =>
      ['en', 'de', 'ar'].flatMap(lang => [false, true].map(details => ({variant, width, lang, details}))),
    ),
  );

  /** What is wrong with how it stands there. */
  function flaws(element: HTMLElement, height: number, width: number): string[] {
    const base = find(element, '.base') as HTMLElement;
    const room = base.getBoundingClientRect();
    const icon = find(element, '.icon')?.getBoundingClientRect() ?? new DOMRect();
    const off = Math.abs(icon.left + icon.right - room.left - room.right);
    const found = {
      [`is ${element.offsetHeight} high, not ${height}`]: element.offsetHeight !== height,
      'is wider than its place': element.offsetWidth > width,
      'holds more than its height': base.scrollHeight > base.clientHeight,
      'holds more than its width': base.scrollWidth > base.clientWidth,
      'shows no whole icon': icon.width < 10,
      'has its icon off the middle': element.getAttribute('variant') === 'dot' && off > 1,
    };
    return Object.keys(found).filter(flaw => found[flaw]);
  }

  it('keeps one line of one height in every state, variant and language', async () => {
    const template = html`<div>
      ${each.map(
        ({variant, width, lang, details}) => html`<div style="width: ${width}px; font: 16px / 1.5 sans-serif">
          <sync-status variant=${variant} lang=${lang} ?details=${details} announce="off"></sync-status>
        </div>`,
      )}
    </div>`;
    const {element: first, show} = await scene(STATES['saved'] ?? {}, template);
    const elements = [...(first.parentElement?.parentElement?.querySelectorAll('sync-status') ?? [])];
    await waitUntil(() => elements.every((element, at) => find(element, '.base')?.lang === each[at]?.lang));
    const heights = elements.map(element => element.offsetHeight);
    const wrong: string[] = [];
    for (const [name, state] of Object.entries(STATES)) {
      await show({...IDLE_STATE, ...state});
      await Promise.all(elements.map(element => element.updateComplete));
      for (const [at, element] of elements.entries()) {
        const {variant, width, lang, details} = each[at] ?? {variant: '', width: 0, lang: '', details: false};
        const where = `${variant} of ${width} px in ${lang}${details ? ' with details' : ''}, ${name}`;
        wrong.push(...flaws(element, heights[at] ?? 0, width).map(flaw => `${where}: ${flaw}`));
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it('shortens and then drops the time first, and the count before the status', async () => {
    const {element} = await scene(STATES['offline'] ?? {});
    const place = element.parentElement?.parentElement as HTMLElement;
    const shows = (part: string) => {
      const words = find(element, `[part=${part}]`) as HTMLElement;
      const room = find(element, '.texts')?.getBoundingClientRect() as DOMRect;
      if (words.getBoundingClientRect().top >= room.bottom) return 'dropped';
      return words.scrollWidth > words.clientWidth ? 'shortened' : 'whole';
    };
    const met = new Set<string>();
    for (let width = 800; width > 150; width -= 5) {
      place.style.width = `${width}px`;
      met.add(['label', 'count', 'time'].map(shows).join());
    }
    expect([...met]).to.deep.equal([
      'whole,whole,whole',
      'whole,whole,shortened',
      'whole,whole,dropped',
      'whole,shortened,dropped',
      'whole,dropped,dropped',
      'shortened,dropped,dropped',
    ]);
  });

  it('shows no part of a number', async () => {
    const {element} = await scene(STATES['syncing'] ?? {});
    const place = element.parentElement?.parentElement as HTMLElement;
    const count = find(element, '[part=count]') as HTMLElement;
    place.style.width = '190px';
    const isCut = count.scrollWidth > count.clientWidth;
    const isSeen = count.getBoundingClientRect().top < (find(element, '.texts')?.getBoundingClientRect().bottom ?? 0);
    expect([isCut, isSeen]).to.deep.equal([false, false]);
  });

  for (const variant of VARIANTS) {
    it(`${variant} tells all to who points at it, unless there are details for that`, async () => {
      const markup = html`<sync-status variant=${variant}></sync-status>`;
      const {element} = await scene(STATES['not-durable'] ?? {}, markup);
      const point = () => {
        find(element, '.base')?.dispatchEvent(new PointerEvent('pointerenter'));
        return find(element, '.base')?.title;
      };
      expect(point()).to.equal(
        'Offline · 3 changes kept only in this tab · nothing is kept on this device · last synced 5 minutes ago',
      );
      element.details = true;
      await element.updateComplete;
      expect(point()).to.equal('');
    });

    it(`${variant} looks otherwise where what waits is not safe`, async () => {
      const {element, show} = await scene(
        STATES['offline'] ?? {},
        html`<sync-status variant=${variant}></sync-status>`,
      );
      const icon = () => find(element, '.base')?.dataset['look']?.match(/is-\w+/)?.[0];
      expect(icon()).to.equal('is-offline');
      await show({...STATES['not-durable']});
      expect(icon()).to.equal('is-warning');
    });
  }
});

describe('several <sync-status> on one provider', () => {
  it('say a transition once between them', async () => {
    const {element, service} = await scene({status: 'synced'});
    const second = document.createElement('sync-status');
    element.after(second);
    await second.updateComplete;
    const said: string[] = [];
    const last = new Map<Node, string>();
    const observer = new MutationObserver(records => {
      for (const {target} of records) {
        const region = (target.parentElement?.closest('[role=status]') ?? target) as Node;
        const text = region.textContent?.trim() ?? '';
        if (text && last.get(region) !== text) said.push(text);
        last.set(region, text);
      }
    });
    for (const {shadowRoot} of [element, second]) {
      const region = shadowRoot?.querySelector('[role=status]');
      if (region) observer.observe(region, {childList: true, characterData: true, subtree: true});
    }
    service.become({status: 'offline', isConnected: false});
    await waitUntil(() => said.length > 0, 'nothing was said', {timeout: 5000});
    expect(said).to.deep.equal(['Offline']);
    // When the one that spoke has gone, the next one speaks.
    element.remove();
    service.become({status: 'needs-auth'});
    await waitUntil(() => said.length > 1, 'nobody took over', {timeout: 5000});
    expect(said).to.deep.equal(['Offline', 'Sign in to sync']);
    observer.disconnect();
  });

  it('speak through the first that is displayed', async () => {
    const {element, service} = await scene({status: 'synced'});
    const second = document.createElement('sync-status');
    element.after(second);
    element.style.display = 'none';
    await second.updateComplete;
    service.become({status: 'offline', isConnected: false});
    const words = (of: Element) => find(of, '[role=status]')?.textContent;
    await waitUntil(() => words(second) === 'Offline', 'nobody who is displayed spoke', {timeout: 5000});
    expect(words(element)).to.equal('');
  });
});
