/** What a page sees of a provider: its events, its answers to those inside, and its answer to nonsense. */
import {expect, fixture, html, waitUntil} from '@open-wc/testing';
import './define/sync-provider.js';
import {ContextRequestEvent} from './shared/context.js';
import {SyncError} from './shared/core.js';
import type {SyncService} from './shared/service.js';
import type {FakeProvider} from './testing/fake-provider.js';
import './testing/fake-provider.js';
import {FakeService} from './testing/fake-service.js';
import {codeOf, next} from './testing/outcomes.js';

const provider = () => fixture<FakeProvider>(html`<fake-provider url="/api/sync"></fake-provider>`);

describe('<sync-provider> and its events', () => {
  it('mirrors the status into an attribute and a custom state', async () => {
    const element = await provider();
    const event = next(element, 'sync-state-change');
    element.latest.become({status: 'offline'});
    const {state, composed, bubbles} = await event;
    expect([state.status, composed, bubbles]).to.deep.equal(['offline', true, false]);
    expect(element.getAttribute('status')).to.equal('offline');
    expect(element.matches(':state(offline)')).to.equal(true);
    element.latest.become({status: 'synced'});
    expect(element.matches(':state(offline)')).to.equal(false);
  });

  it('passes on what commits touch, and how many changes they were', async () => {
    const element = await provider();
    const told = next(element, 'sync-changes');
    element.latest.emit('changes', {lsn: '0/1A' as never, types: ['task'], ids: null, count: 1500});
    const {lsn, types, ids, count, bubbles, composed} = await told;
    expect([lsn, types, ids, count, bubbles, composed]).to.deep.equal(['0/1A', ['task'], null, 1500, false, true]);
  });

  it('shares a client with another provider, and neither takes the other’s end for its own', async () => {
    const service = new FakeService();
    const make = () => Object.assign(document.createElement('fake-provider') as FakeProvider, {service});
    const [one, two] = [make(), make()];
    const root = document.body.appendChild(document.createElement('main'));
    root.append(one, two);
    await waitUntil(() => service.listening > 0);
    const told = next(two, 'sync-state-change');
    one.remove();
    await waitUntil(() => one.service === undefined);
    service.become({status: 'offline'});
    expect((await told).state.status).to.equal('offline');
    expect([service.times('cleanup'), two.service === service]).to.deep.equal([0, true]);
    root.remove();
  });

  it('passes on how operations end', async () => {
    const element = await provider();
    const taken = next(element, 'sync-operation-settled');
    element.latest.emit('operation_complete', {id: '1', status: 'applied', lsn: undefined});
    expect((await taken).settlement?.status).to.equal('applied');
    const refused = next(element, 'sync-operation-settled');
    element.latest.emit('operation_error', {id: '2', error: new SyncError('forbidden', 'no')});
    expect((await refused).error?.code).to.equal('forbidden');
  });
});

describe('<sync-provider> and those who ask for its service', () => {
  it('answers who asks from inside, and only about its own context', async () => {
    const element = await fixture<FakeProvider>(html`<fake-provider url="/api"><b></b></fake-provider>`);
    const child = element.querySelector('b') as HTMLElement;
    let answer: SyncService | undefined;
    child.dispatchEvent(new ContextRequestEvent(child, service => (answer = service), true));
    expect(answer).to.equal(element.latest);
    const foreign = Object.assign(new Event('context-request', {bubbles: true}), {
      context: 'theirs',
      callback: () => expect.fail(),
    });
    child.dispatchEvent(foreign);
  });

  it('tells subscribers of the next service, until they leave', async () => {
    const element = await fixture<FakeProvider>(html`<fake-provider url="/api"><b></b></fake-provider>`);
    const child = element.querySelector('b') as HTMLElement;
    const seen: (SyncService | undefined)[] = [];
    let stop: (() => void) | undefined;
    child.dispatchEvent(
      new ContextRequestEvent(
        child,
        (service, unsubscribe) => {
          seen.push(service);
          stop = unsubscribe;
        },
        true,
      ),
    );
    element.user = 'other';
    await element.updateComplete;
    expect(seen).to.deep.equal(element.made);
    stop?.();
    element.user = 'third';
    await element.updateComplete;
    expect(seen).to.have.length(2);
  });

  it('holds the line closed against requests from inside', async () => {
    const element = await fixture<FakeProvider>(html`<fake-provider url="/api" paused><b></b></fake-provider>`);
    const request = new Event('sync-connect-request', {bubbles: true, cancelable: true});
    element.querySelector('b')?.dispatchEvent(request);
    expect(request.defaultPrevented).to.equal(true);
  });
});

describe('<sync-provider> and addresses that make no sense', () => {
  // The real core decides these; nothing is opened, so nothing is left behind.
  for (const url of [
    'javascript:alert(1)',
    'data:text/plain,x',
    'ftp://example.com/',
    'wss://user:secret@example.com/',
    'wss://example.com/#part',
    'http://[',
  ]) {
    it(`refuses ${url}`, async () => {
      const element = document.createElement('sync-provider');
      const reported = next(element, 'sync-error');
      element.setAttribute('url', url);
      document.body.append(element);
      const {error} = await reported;
      expect(error.code).to.equal('invalid-url');
      expect(error.message).not.to.contain('secret');
      expect(element.getAttribute('status')).to.equal('error');
      element.remove();
    });
  }
});

describe('<sync-provider> and attributes that make no sense', () => {
  for (const [name, value] of [
    ['mode', 'warp'],
    ['log', 'LOUD'],
    ['persist', 'maybe'],
    ['url', ''],
    ['url', `wss://example.com/${'x'.repeat(10_000_000)}`],
  ] as const) {
    it(`shows ${name}="${value.slice(0, 20)}" as an error, throws nothing, and recovers`, async () => {
      const element = await provider();
      const reported = next(element, 'sync-error');
      element.setAttribute(name, value);
      expect((await reported).error.code).to.equal('invalid-options');
      expect(element.getAttribute('status')).to.equal('error');
      expect(await codeOf(element.list('task'))).to.equal('invalid-options');
      expect(element.state.error?.message.length).to.be.below(200);
      if (name === 'url') element.url = '/api/sync';
      else element.removeAttribute(name);
      await element.updateComplete;
      expect(element.state.status).to.equal('idle');
    });
  }
});
