/** The details of a status: what they tell, how they open and close, and where the focus goes. */
import {expect, html, waitUntil} from '@open-wc/testing';
import {keepBeside} from './details/anchor.js';
import type {SyncState} from './shared/core.js';
import {refused} from './testing/in-provider.js';
import {find, type Scene, scene} from './testing/status-scene.js';

const panel = (element: Element) => find(element, '[popover]') as HTMLElement;
const cover = (element: Element) => find(element, '.cover') as HTMLButtonElement;
const isOpen = (element: Element) => panel(element)?.matches(':popover-open');
/** The facts by name, as a reader takes them. */
const facts = (element: Element) =>
  Object.fromEntries(
    [...(element.shadowRoot?.querySelectorAll('dt') ?? [])].map(name => [
      name.textContent,
      [...(name.nextElementSibling?.children ?? [])].map(line => line.textContent?.replace(/[\u2068\u2069]/g, '')),
    ]),
  );

async function opened(state: Partial<SyncState>): Promise<Scene> {
  const told = await scene(state, html`<sync-status details></sync-status>`);
  await waitUntil(() => panel(told.element));
  cover(told.element).click();
  await waitUntil(() => find(told.element, 'dl'));
  return told;
}

describe('<sync-status details>', () => {
  it('tells the whole truth', async () => {
    const now = Date.now();
    const {element} = await opened({
      status: 'offline',
      isConnected: false,
      pending: 2,
      oldestPendingAt: now - 3 * 60_000,
      lastSyncedAt: now - 2 * 3_600_000,
      nextRetryAt: now + 59_900,
      role: 'leader',
      tabs: 3,
      storage: {persisted: false, usage: 48_300_000, quota: 2e9},
    });
    expect(facts(element)).to.deep.equal({
      Connection: ['Not connected'],
      'Next try': ['in 60 seconds'],
      'Last synced': ['2 hours ago'],
      Waiting: ['2 changes waiting', 'oldest from 3 minutes ago'],
      'This tab': ['Holds the connection', '3 tabs open'],
      Storage: ['48.3 MB of 2 GB used', 'the browser may clear it when space runs out'],
    });
    expect(panel(element).getAttribute('role')).to.equal('dialog');
    expect(find(element, '#details-title')?.textContent).to.equal('Offline');
  });

  it('says how many were refused while nobody can say which, and nothing of a storage nobody knows', async () => {
    const {element} = await opened({
      status: 'error',
      failed: 12,
      error: {code: 'operations-failed', message: 'm', action: 'review'},
      storage: null,
    });
    expect(facts(element)['Refused']).to.deep.equal(['12']);
    expect(facts(element)).not.to.have.property('Storage');
  });

  it('keeps what can be done in sight where the facts are longer than their room', async () => {
    const {element} = await opened({status: 'offline', isConnected: false, pending: 3});
    panel(element).style.maxBlockSize = '160px';
    const room = panel(element).getBoundingClientRect();
    const button = find(element, '.do')?.getBoundingClientRect() as DOMRect;
    expect(panel(element).scrollHeight).to.be.greaterThan(panel(element).clientHeight);
    expect([button.top >= room.top, button.bottom <= room.bottom]).to.deep.equal([true, true]);
  });

  it('names what was refused and why, and follows the state while it is open', async () => {
    const {element, service} = await opened({status: 'synced', role: 'follower', lastSyncedAt: null, durable: false});
    expect(facts(element)['Refused']).to.equal(undefined);
    expect(facts(element)['This tab']?.[0]).to.equal('Shares the connection of another tab');
    expect(facts(element)['Last synced']).to.deep.equal(['–']);
    expect(facts(element)['Storage']).to.deep.equal(['nothing is kept on this device']);
    service.queue = ['a', 'b', 'c', 'd'].map(id => refused(id));
    service.become({
      status: 'error',
      failed: 4,
      error: {code: 'operations-failed', message: 'm', action: 'review'},
    });
    await waitUntil(() => facts(element)['Refused']?.length === 4);
    expect(facts(element)['Refused']).to.deep.equal([
      'Save “Title of a”: No to a',
      'Save “Title of b”: No to b',
      'Save “Title of c”: No to c',
      'and 1 more',
    ]);
    expect(facts(element)['Connection']).to.deep.equal(['Connected', 'operations-failed']);
  });

  it('is opened by one real button that says so, which gets the focus back', async () => {
    const {element} = await scene({status: 'synced'}, html`<sync-status details></sync-status>`);
    await waitUntil(() => panel(element));
    const button = cover(element);
    expect([button.localName, button.type, button.getAttribute('aria-haspopup')]).to.deep.equal([
      'button',
      'button',
      'dialog',
    ]);
    button.focus();
    button.click();
    await waitUntil(() => find(element, '.close'));
    expect(isOpen(element)).to.equal(true);
    expect(element.shadowRoot?.activeElement === panel(element)).to.equal(true);
    find(element, '.close')?.click();
    await waitUntil(() => element.shadowRoot?.activeElement === button);
    expect(isOpen(element)).to.equal(false);
  });

  it('offers what can be done, through the same request', async () => {
    const {element, service} = await opened({status: 'offline', isConnected: false});
    element.addEventListener('sync-connect-request', event => event.preventDefault(), {once: true});
    find(element, '.do')?.click();
    expect(service.times('forceConnect')).to.equal(0);
    find(element, '.do')?.click();
    expect(service.times('forceConnect')).to.equal(1);
  });

  it('keeps the focus when there is nothing left to do, and gives it back when it closes', async () => {
    const {element, service} = await opened({status: 'offline', isConnected: false});
    find(element, '.do')?.focus();
    service.become({status: 'synced', isConnected: true});
    await waitUntil(() => find(element, '.do') === null);
    expect(element.shadowRoot?.activeElement === panel(element)).to.equal(true);
    panel(element).hidePopover();
    await waitUntil(() => element.shadowRoot?.activeElement === cover(element));
  });

  it('draws and listens only while it is open', async () => {
    const {element, service} = await scene({status: 'synced'}, html`<sync-status details></sync-status>`);
    await waitUntil(() => panel(element));
    const before = service.listening;
    expect(find(element, 'dl')).to.equal(null);
    cover(element).click();
    await waitUntil(() => find(element, 'dl'));
    expect(service.listening).to.equal(before + 1);
    panel(element).hidePopover();
    await waitUntil(() => find(element, 'dl') === null);
    expect(service.listening).to.equal(before);
  });

  it('is closed and silent when its element goes', async () => {
    const {element, service} = await opened({status: 'synced'});
    element.parentElement?.remove();
    await waitUntil(() => service.listening === 0);
  });

  it('goes when it is no longer asked for', async () => {
    const {element} = await opened({status: 'synced'});
    element.details = false;
    await element.updateComplete;
    expect([panel(element), cover(element)]).to.deep.equal([null, null]);
  });
});

describe('a popover where CSS can not anchor it', () => {
  const supports = CSS.supports;
  afterEach(() => {
    CSS.supports = supports;
    document.body.replaceChildren();
  });

  function placed(top: number): {anchor: DOMRect; panel: HTMLElement; stop: () => void} {
    CSS.supports = () => false;
    const anchor = document.body.appendChild(document.createElement('div'));
    Object.assign(anchor.style, {position: 'fixed', left: '90px', top: `${top}px`, width: '50px', height: '20px'});
    const panel = document.body.appendChild(document.createElement('div'));
    Object.assign(panel.style, {position: 'fixed', width: '100px', height: '120px'});
    return {anchor: anchor.getBoundingClientRect(), panel, stop: keepBeside(panel, anchor)};
  }

  it('stands below its anchor, or above where there is no room', async () => {
    const below = placed(10);
    const at = below.panel.getBoundingClientRect();
    expect([at.left, at.top]).to.deep.equal([90, below.anchor.bottom + 6]);
    below.stop();
    const above = placed(innerHeight - 30);
    expect(above.panel.getBoundingClientRect().bottom).to.equal(above.anchor.top - 6);
    above.stop();
  });
});
