/** A status in its four variants: the same truth, in more or less room. */
import {expect, html, waitUntil} from '@open-wc/testing';
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
