/** How every element finds its provider, and lets go of it: whatever comes first, wherever it stands, whatever moves. */

import type {ReactiveElement} from '@lit/reactive-element';
import {expect, waitUntil} from '@open-wc/testing';
import {define} from './define/define.js';
import './define/index.js';
import {SyncInspector} from './sync-inspector.js';
import {SyncProgress} from './sync-progress.js';
import {SyncQueue} from './sync-queue.js';
import {SyncStatus} from './sync-status.js';
import {SyncWhen} from './sync-when.js';
import {defineProvider, type FakeProvider, freshName} from './testing/fake-provider.js';
import {FakeService} from './testing/fake-service.js';

type Consumer = ReactiveElement & {provider?: string | Element | null | undefined};

/** Each with what makes it show something, and how much it listens to while it does. */
const CONSUMERS = [
  {tag: 'sync-status', attributes: {}, type: SyncStatus},
  {tag: 'sync-when', attributes: {status: 'synced'}, type: SyncWhen},
  {tag: 'sync-progress', attributes: {}, type: SyncProgress},
  {tag: 'sync-queue', attributes: {}, type: SyncQueue},
  {tag: 'sync-inspector', attributes: {open: ''}, type: SyncInspector},
] as const;

const serviceOf = () => {
  const service = new FakeService();
  service.become({status: 'synced', isConnected: true});
  return service;
};
const listens = (service: FakeService) => waitUntil(() => service.listening > 0, 'nobody listens');
const silent = (service: FakeService) => waitUntil(() => service.listening === 0, 'somebody still listens');

/** A provider lent a service it follows itself: `alone` is how much that is. */
function providerWith(service: FakeService, tag = 'fake-provider'): FakeProvider {
  return Object.assign(document.createElement(tag), {service}) as unknown as FakeProvider;
}

/** What is taken of the page from now on, and not given back: listeners for providers, and whoever hears of languages. */
function countTaken(): {end(): {listeners: number; observed: number}} {
  const {addEventListener, removeEventListener} = document;
  const {observe, disconnect} = MutationObserver.prototype;
  let listeners = 0;
  const observers = new Set<MutationObserver>();
  document.addEventListener = (type: string, ...rest: [never]) => {
    if (type === 'context-provider') listeners++;
    addEventListener.call(document, type, ...rest);
  };
  document.removeEventListener = (type: string, ...rest: [never]) => {
    if (type === 'context-provider') listeners--;
    removeEventListener.call(document, type, ...rest);
  };
  MutationObserver.prototype.observe = function (...args) {
    if (args[1]?.attributeFilter?.includes('lang')) observers.add(this);
    observe.apply(this, args);
  };
  MutationObserver.prototype.disconnect = function () {
    observers.delete(this);
    disconnect.call(this);
  };
  return {
    end() {
      for (const own of ['addEventListener', 'removeEventListener']) Reflect.deleteProperty(document, own);
      Object.assign(MutationObserver.prototype, {observe, disconnect});
      return {listeners, observed: observers.size};
    },
  };
}

for (const {tag, attributes, type} of CONSUMERS) {
  describe(`<${tag}> and its provider`, () => {
    let root: HTMLElement;
    const make = (name: string = tag): Consumer => {
      const element = document.createElement(name) as Consumer;
      for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
      return element;
    };
    /** How much a provider listens to by itself. */
    let alone: number;
    const follows = (service: FakeService) => waitUntil(() => service.listening > alone, 'it does not follow');
    const leaves = (service: FakeService) => waitUntil(() => service.listening === alone, 'it does not leave');

    before(async () => {
      const service = serviceOf();
      const provider = document.body.appendChild(providerWith(service));
      await listens(service);
      alone = service.listening;
      provider.remove();
      await silent(service);
    });
    beforeEach(() => {
      root = document.body.appendChild(document.createElement('main'));
    });
    afterEach(() => root.remove());

    it('finds the nearest one above', async () => {
      const [outer, inner] = [serviceOf(), serviceOf()];
      const near = providerWith(inner);
      near.append(make());
      const far = providerWith(outer);
      far.append(near);
      root.append(far);
      await follows(inner);
      expect(outer.listening).to.equal(alone);
    });

    it('finds one that is upgraded after it, and one that was there before it is upgraded itself', async () => {
      const later = freshName();
      const service = serviceOf();
      const provider = root.appendChild(document.createElement(later)) as FakeProvider;
      provider.append(make());
      await (provider.firstElementChild as Consumer).updateComplete;
      Object.assign(provider, {service});
      defineProvider(later);
      await follows(service);

      const late = `late-${freshName()}`;
      const second = serviceOf();
      const other = root.appendChild(providerWith(second));
      const early = document.createElement(late) as Consumer;
      for (const [attribute, value] of Object.entries(attributes)) early.setAttribute(attribute, value);
      // Set before the upgrade, and kept.
      early.provider = other;
      root.append(early);
      define(
        late,
        class extends (type as unknown as new () => ReactiveElement) {} as unknown as CustomElementConstructor,
      );
      await follows(second);
      expect(early.provider).to.equal(other);
    });

    it('finds one above through shadow roots', async () => {
      const service = serviceOf();
      const provider = providerWith(service);
      const host = provider.appendChild(document.createElement('div'));
      const inner = host.attachShadow({mode: 'open'}).appendChild(document.createElement('div'));
      inner.attachShadow({mode: 'closed'}).append(make());
      root.append(provider);
      await follows(service);
    });

    it('finds one by id: in its own shadow root first, else in the page', async () => {
      const [page, shadow] = [serviceOf(), serviceOf()];
      const host = root.appendChild(document.createElement('div'));
      const tree = host.attachShadow({mode: 'open'});
      const element = tree.appendChild(make());
      element.provider = 'one';
      root.append(Object.assign(providerWith(page), {id: 'one'}));
      await follows(page);
      tree.append(Object.assign(providerWith(shadow), {id: 'one'}));
      await follows(shadow);
      await leaves(page);
    });

    it('follows a provider that gets another service, and one that takes its place', async () => {
      const [first, second, third] = [serviceOf(), serviceOf(), serviceOf()];
      const provider = providerWith(first);
      const element = provider.appendChild(make());
      root.append(provider);
      await follows(first);
      provider.service = second;
      await follows(second);
      await silent(first);
      const other = root.appendChild(providerWith(third));
      other.append(element);
      await follows(third);
      await leaves(second);
    });

    it('leaves a provider that goes, and finds it again when it comes back', async () => {
      const service = serviceOf();
      const provider = root.appendChild(Object.assign(providerWith(service), {id: 'far'}));
      const element = root.appendChild(make());
      element.setAttribute('provider', 'far');
      await follows(service);
      provider.remove();
      await silent(service);
      root.append(provider);
      await follows(service);
    });

    it('is not torn down by a move, alone or with its provider', async () => {
      const service = serviceOf();
      const provider = root.appendChild(providerWith(service));
      const element = provider.appendChild(make());
      await follows(service);
      const before = service.listening;
      const place = provider.appendChild(document.createElement('div'));
      place.append(element);
      root.prepend(provider);
      await element.updateComplete;
      expect(service.times('cleanup')).to.equal(0);
      await waitUntil(() => service.listening === before, 'as many listeners as before');
    });

    it('leaves nothing behind after 200 rounds', async () => {
      const service = serviceOf();
      const provider = root.appendChild(providerWith(service));
      await listens(service);
      const taken = countTaken();
      for (let round = 0; round < 200; round++) {
        const element = provider.appendChild(make());
        await element.updateComplete;
        element.remove();
      }
      await leaves(service);
      // Of the document, where those who look for a provider listen, and of the one observer of languages.
      expect(taken.end()).to.deep.equal({listeners: 0, observed: 0});
    });
  });
}
