/** How a status finds its provider: in either upgrade order, by id, as a property, and after a move. */
import {expect, fixture, html, waitUntil} from '@open-wc/testing';
import './define/sync-status.js';
import type {SyncStatus} from './shared/core.js';
import type {SyncStatus as StatusElement} from './sync-status.js';
import {defineProvider, type FakeProvider, freshName} from './testing/fake-provider.js';
import {FakeService} from './testing/fake-service.js';
import {scene, seen} from './testing/status-scene.js';

describe('<sync-status> and its provider', () => {
  let root: HTMLElement | undefined;
  // Not `fixture`, which waits for a frame where there is no Lit element at the top: hidden pages have no frames.
  const page = () => {
    root = document.body.appendChild(document.createElement('main'));
    return root;
  };
  afterEach(() => root?.remove());

  const until = (element: StatusElement, status: SyncStatus) => waitUntil(() => element.shown?.status === status);

  it('finds one that is upgraded later', async () => {
    const tag = freshName();
    const root = page();
    const provider = root.appendChild(document.createElement(tag)) as FakeProvider;
    const element = provider.appendChild(document.createElement('sync-status'));
    await element.updateComplete;
    expect(element.shown).to.equal(undefined);
    const service = new FakeService();
    service.become({status: 'synced'});
    Object.assign(provider, {service});
    defineProvider(tag);
    await until(element, 'synced');
  });

  it('finds one by id that comes later, and one as a property', async () => {
    const root = page();
    const element = root.appendChild(document.createElement('sync-status'));
    element.setAttribute('provider', 'far');
    const service = new FakeService();
    service.become({status: 'synced'});
    const provider = Object.assign(document.createElement('fake-provider'), {
      id: 'far',
      service,
    }) as unknown as FakeProvider;
    root.append(provider);
    await until(element, 'synced');

    const second = new FakeService();
    second.become({status: 'needs-auth'});
    const other = Object.assign(document.createElement('fake-provider'), {
      service: second,
    }) as unknown as FakeProvider;
    element.provider = other;
    root.append(other);
    await until(element, 'needs-auth');
    expect(service.listening).to.be.greaterThan(0);
    other.remove();
    await waitUntil(() => element.shown === undefined);
    expect(second.listening).to.equal(0);
  });

  it('finds one that gets its id later, and loses one that has it no more', async () => {
    const root = page();
    const element = root.appendChild(document.createElement('sync-status'));
    element.setAttribute('provider', 'late');
    const service = new FakeService();
    service.become({status: 'synced'});
    const provider = Object.assign(document.createElement('fake-provider'), {service}) as unknown as FakeProvider;
    root.append(provider);
    await provider.updateComplete;
    expect(element.shown).to.equal(undefined);
    provider.id = 'late';
    await until(element, 'synced');
    provider.id = 'other';
    await waitUntil(() => element.shown === undefined);
  });

  for (const way of ['by id', 'as a property']) {
    it(`leaves the line closed that a provider elsewhere holds, which it knows ${way}`, async () => {
      const root = page();
      const service = new FakeService();
      service.become({status: 'offline', isConnected: false});
      const provider = Object.assign(document.createElement('fake-provider'), {
        id: 'held',
        service,
        paused: true,
      }) as unknown as FakeProvider;
      root.append(provider);
      const element = root.appendChild(document.createElement('sync-status'));
      element.provider = way === 'by id' ? 'held' : provider;
      await until(element, 'offline');
      const button = () => element.shadowRoot?.querySelector<HTMLElement>('.button');
      button()?.click();
      expect(service.times('forceConnect')).to.equal(0);
      provider.paused = false;
      await provider.updateComplete;
      button()?.click();
      expect(service.times('forceConnect')).to.equal(1);
    });
  }

  it('follows from one provider to another when it is moved', async () => {
    const {element, service} = await scene({status: 'synced'});
    const alone = service.listening;
    const other = await scene({status: 'offline'});
    other.element.parentElement?.append(element);
    await until(element, 'offline');
    expect(service.listening).to.equal(alone - 1);
    document.body.append(element);
    await element.updateComplete;
    expect(element.shown).to.equal(undefined);
    element.remove();
  });

  it('takes no answer that comes after it has asked elsewhere, and says that it wants no more', async () => {
    const [late, now] = [new FakeService(), new FakeService()];
    now.become({status: 'synced'});
    late.become({status: 'offline'});
    const slow = page().appendChild(document.createElement('div'));
    let answer: ((service: FakeService, unsubscribe: () => void) => void) | undefined;
    slow.addEventListener('context-request', event => {
      event.stopPropagation();
      answer = (event as unknown as {callback: typeof answer}).callback;
    });
    const element = slow.appendChild(document.createElement('sync-status'));
    const provider = Object.assign(document.createElement('fake-provider'), {service: now}) as unknown as FakeProvider;
    root?.append(provider);
    provider.append(element);
    await until(element, 'synced');
    let left = 0;
    answer?.(late, () => left++);
    await element.updateComplete;
    expect([left, late.listening, element.shown?.status]).to.deep.equal([1, 0, 'synced']);
  });

  it('shows why a provider refused its attributes', async () => {
    const provider = await fixture<FakeProvider>(
      html`<fake-provider url="" ><sync-status></sync-status></fake-provider>`,
    );
    const element = provider.querySelector('sync-status') as StatusElement;
    await until(element, 'error');
    await element.updateComplete;
    expect(seen(element)).to.equal('Sync has stopped');
  });
});
