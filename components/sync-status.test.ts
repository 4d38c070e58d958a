import {expect, html, waitUntil} from '@open-wc/testing';
import type {SyncState, SyncStatus} from './shared/core.js';
import type {SyncConnectRequestEvent} from './shared/events.js';
import {find, scene, seen} from './testing/status-scene.js';

const offlineWith = (pending: number): Partial<SyncState> => ({
  status: 'offline',
  isConnected: false,
  pending,
});
const error = (action: 'retry' | 'review' | 'sign-in' | 'reload' | 'free-space' | 'none'): Partial<SyncState> => ({
  status: 'error',
  error: {code: 'some-code', message: 'for developers', action},
});

describe('<sync-status> in each status', () => {
  const table: [SyncStatus, Partial<SyncState>, string][] = [
    ['synced', {}, 'Saved'],
    ['synced', {confirms: false}, 'Sent'],
    ['pending', {pending: 3}, '3 changes waiting'],
    ['pending', {pending: 1, isConnected: false}, 'Not connected · 1 change saved on this device'],
    ['connecting', {isConnected: false}, 'Connecting…'],
    ['reconnecting', {isConnected: false, pending: 1}, 'Reconnecting… · 1 change saved on this device'],
    ['syncing', {progress: {received: 43210, total: 171075, bytes: 1}}, 'Syncing… · 43,210 of 171,075'],
    ['syncing', {progress: {received: 9, total: 8, bytes: 1}}, 'Syncing… · 9'],
    ['offline', offlineWith(2), 'Offline · 2 changes saved on this device'],
    ['offline', {...offlineWith(1), durable: false}, 'Offline · 1 change kept only in this tab'],
    ['needs-auth', {}, 'Sign in to sync'],
    ['error', {...error('review'), failed: 2}, '2 changes need your attention'],
    ['error', error('free-space'), 'This device is out of space'],
    ['error', error('none'), 'Sync has stopped'],
    ['idle', {isConnected: false}, 'Not connected'],
  ];
  for (const [status, state, words] of table) {
    it(`says "${words}", with an icon, and axe finds nothing`, async () => {
      const {element} = await scene({...state, status});
      expect(seen(element)).to.match(new RegExp(`^${words}`));
      expect(find(element, 'svg path')).to.not.equal(null);
      expect(element.matches(`:state(${status})`)).to.equal(true);
      await expect(element).to.be.accessible();
    });
  }

  it('says so where nothing is durable', async () => {
    const {element} = await scene({status: 'synced', durable: false});
    expect(seen(element)).to.equal('Saved · nothing is kept on this device');
  });

  it('does not show the sign of what is saved where no server confirms it', async () => {
    const {element, show} = await scene({status: 'synced', confirms: false});
    const icons = () =>
      [...(element.shadowRoot?.querySelectorAll('svg path') ?? [])]
        .filter(path => path.checkVisibility())
        .map(path => path.getAttribute('class'));
    expect(icons()).to.deep.equal(['sent']);
    await show({confirms: true});
    await waitUntil(() => seen(element) === 'Saved');
    expect(icons()).to.deep.equal(['saved']);
  });

  it('tells since when, where all is not well', async () => {
    const {element} = await scene({...offlineWith(0), lastSyncedAt: Date.now() - 5 * 60_000});
    expect(seen(element)).to.contain('last synced 5 minutes ago');
  });

  it('shows nothing while quiet and saved, and comes back when not', async () => {
    const {element, show} = await scene({status: 'synced'}, html`<sync-status quiet></sync-status>`);
    expect(seen(element)).to.equal('');
    await show(offlineWith(0));
    expect(seen(element)).to.match(/^Offline/);
  });

  it('takes a variant it does not know as inline', async () => {
    const {element} = await scene({status: 'synced'}, html`<sync-status variant="hologram"></sync-status>`);
    expect(seen(element)).to.equal('Saved');
  });

  it('writes nothing to the page when nothing changed', async () => {
    const {element, service} = await scene(offlineWith(2));
    let writes = 0;
    const observer = new MutationObserver(records => (writes += records.length));
    observer.observe(element.shadowRoot as ShadowRoot, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    service.become({latency: 12});
    await element.updateComplete;
    expect(observer.takeRecords().length + writes).to.equal(0);
  });
});

describe('<sync-status> in other words', () => {
  it('takes texts of the page', async () => {
    const {element} = await scene({status: 'synced'}, html`<sync-status .texts=${{saved: 'All good'}}></sync-status>`);
    expect(seen(element)).to.equal('All good');
  });

  it('shows markup and bidi controls in texts as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>\u202Egnp';
    const {element} = await scene({status: 'synced'}, html`<sync-status .texts=${{saved: hostile}}></sync-status>`);
    // Not what is seen: Firefox leaves such signs out of that.
    expect(element.shadowRoot?.textContent).to.include(hostile);
    expect(find(element, 'img')).to.equal(null);
  });

  it('survives a lang that is no language', async () => {
    const {element} = await scene({status: 'pending', pending: 2}, html`<sync-status lang="x!"></sync-status>`);
    expect(seen(element)).to.equal('2 changes waiting');
  });

  it('shows an icon of the page in place of its own', async () => {
    const {element} = await scene({status: 'synced'}, html`<sync-status><i slot="icon">◎</i></sync-status>`);
    const slot = find(element, 'slot[name=icon]') as HTMLSlotElement;
    expect(slot.assignedElements()[0]?.checkVisibility()).to.equal(true);
    expect(find(element, 'svg')?.checkVisibility()).to.equal(false);
  });

  it('gives its places to slots', async () => {
    const {element} = await scene({status: 'synced'}, html`<sync-status><b slot="label">Fine</b></sync-status>`);
    expect((find(element, 'slot[name=label]') as HTMLSlotElement).assignedElements()[0]?.textContent).to.equal('Fine');
  });
});

describe('<sync-status> and its button', () => {
  it('asks for the line, and opens it unless prevented', async () => {
    const {element, service} = await scene(offlineWith(0));
    let request: SyncConnectRequestEvent | undefined;
    const listener = (event: Event) => {
      request = event as SyncConnectRequestEvent;
      event.preventDefault();
    };
    element.addEventListener('sync-connect-request', listener);
    find(element, 'button')?.click();
    expect([request?.reason, request?.bubbles, request?.composed]).to.deep.equal(['retry', true, true]);
    expect(service.times('forceConnect')).to.equal(0);
    element.removeEventListener('sync-connect-request', listener);
    find(element, 'button')?.click();
    expect(service.times('forceConnect')).to.equal(1);
  });

  it('tries again what failed, unless prevented', async () => {
    const {element, service} = await scene({...error('review'), failed: 1});
    element.addEventListener('sync-retry-request', event => event.preventDefault(), {once: true});
    find(element, 'button')?.click();
    expect(service.times('retry')).to.equal(0);
    find(element, 'button')?.click();
    expect(service.times('retry')).to.equal(1);
  });

  for (const [what, markup, heir] of [
    ['to itself', html`<sync-status></sync-status>`, '.base'],
    ['to the button of its details', html`<sync-status details></sync-status>`, '.cover'],
    ['to its words for screen readers where it shows nothing', html`<sync-status quiet></sync-status>`, '.said'],
  ] as const) {
    it(`hands the focus on when its button goes: ${what}`, async () => {
      const {element, show} = await scene(offlineWith(0), markup);
      find(element, '.button')?.focus();
      await show({status: 'synced', isConnected: true});
      await waitUntil(() => !find(element, '.button')?.checkVisibility());
      expect(element.shadowRoot?.activeElement === find(element, heir)).to.equal(true);
    });
  }

  it('takes the focus from nobody else', async () => {
    const {element, show} = await scene(offlineWith(0), html`<sync-status details></sync-status>`);
    const other = element.parentElement?.appendChild(document.createElement('button'));
    other?.focus();
    await show({status: 'synced', isConnected: true});
    expect(document.activeElement === other).to.equal(true);
  });

  it('says that it is about signing in', async () => {
    const {element} = await scene({status: 'needs-auth'});
    let reason = '';
    element.addEventListener('sync-connect-request', event => (reason = (event as SyncConnectRequestEvent).reason));
    find(element, 'button')?.click();
    expect(reason).to.equal('sign-in');
  });

  it('lets a page prevent the reload', async () => {
    const {element} = await scene(error('reload'));
    let asked = false;
    element.addEventListener('sync-reload-request', event => {
      asked = true;
      event.preventDefault();
    });
    find(element, 'button')?.click();
    expect(asked).to.equal(true);
  });
});

describe('<sync-status> and its announcements', () => {
  const region = (element: Element) => find(element, '[role=status]') as HTMLElement;

  it('speaks through one region that stays, of rests alone', async () => {
    const {element, service} = await scene({status: 'synced'});
    const first = region(element);
    const said: string[] = [];
    const observer = new MutationObserver(() => said.push(first.textContent ?? ''));
    observer.observe(first, {childList: true, characterData: true, subtree: true});
    for (let received = 0; received < 50; received++) {
      service.become({status: 'syncing', progress: {received, total: 50, bytes: 1}});
      await element.updateComplete;
    }
    service.become({...offlineWith(2), progress: null});
    service.become(offlineWith(3));
    await waitUntil(() => said.length > 0, 'nothing was said', {timeout: 5000});
    expect(said).to.deep.equal(['Offline, 3 changes saved on this device']);
    expect(region(element)).to.equal(first);
    expect(element.shadowRoot?.querySelectorAll('[role=status]')).to.have.length(1);
  });

  it('says a refusal again that came again', async () => {
    const refusedOne = {...error('review'), status: 'error' as const, failed: 1, pending: 0};
    const {element, show} = await scene(refusedOne);
    const said: string[] = [];
    const observer = new MutationObserver(() => said.push(region(element).textContent?.trim() ?? ''));
    observer.observe(region(element), {childList: true, characterData: true, subtree: true});
    await waitUntil(() => said.length === 1, 'nothing was said', {timeout: 5000});
    await show({status: 'pending', error: null, failed: 0, pending: 1});
    await show(refusedOne);
    await waitUntil(() => said.length === 2, 'nothing was said again', {timeout: 5000});
    expect(said).to.deep.equal(['1 change needs your attention', '1 change needs your attention']);
  });

  it('keeps no words of another language', async () => {
    const {element, service} = await scene({status: 'synced'});
    service.become({...offlineWith(0)});
    await waitUntil(() => region(element).textContent === 'Offline', 'nothing was said', {timeout: 5000});
    element.lang = 'de';
    await waitUntil(() => region(element).lang === 'de');
    expect(region(element).textContent).to.equal('');
  });

  it('stays silent when told to, and keeps the region', async () => {
    const {element} = await scene(offlineWith(0), html`<sync-status announce="off"></sync-status>`);
    expect(region(element).textContent).to.equal('');
  });
});
