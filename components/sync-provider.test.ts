import {expect, fixture, html} from '@open-wc/testing';
import {define} from './define/define.js';
import {defineProvider, type FakeProvider, freshName} from './testing/fake-provider.js';
import {FakeService} from './testing/fake-service.js';
import {codeOf, next} from './testing/outcomes.js';

const provider = () => fixture<FakeProvider>(html`<fake-provider url="/api/sync"></fake-provider>`);

describe('<sync-provider> and its service', () => {
  it('turns attributes into options', async () => {
    const element = await fixture<FakeProvider>(html`
      <fake-provider url="/api" database="d" user="u" client="c" types="task,  place" mode="page" worker="/w.js" log="debug">
      </fake-provider>`);
    const {getToken, ...options} = element.latest.options ?? {url: ''};
    expect(options).to.deep.equal({
      url: '/api',
      database: 'd',
      user: 'u',
      clientId: 'c',
      types: ['task', 'place'],
      mode: 'page',
      worker: '/w.js',
      logger: 'debug',
    });
    expect(getToken).to.equal(undefined);
  });

  it('turns what is said of leaving into options, and leaves the service its defaults', async () => {
    const optionsOf = (element: FakeProvider) => {
      const {warnBeforeLeaving, persist} = element.latest.options ?? {};
      return {warnBeforeLeaving, persist};
    };
    const element = await fixture<FakeProvider>(html`<fake-provider url="/api" guard persist="off"></fake-provider>`);
    expect(optionsOf(element)).to.deep.equal({warnBeforeLeaving: true, persist: false});
    element.removeAttribute('guard');
    element.persist = 'on';
    await element.updateComplete;
    expect(element.made).to.have.length(2);
    expect(optionsOf(element)).to.deep.equal({warnBeforeLeaving: undefined, persist: true});
    expect(optionsOf(await provider())).to.deep.equal({warnBeforeLeaving: undefined, persist: undefined});
  });

  it('takes types as text where a framework sets the property instead of the attribute', async () => {
    const element = await fixture<FakeProvider>(
      html`<fake-provider url="/api" .types=${'task place'}></fake-provider>`,
    );
    expect(element.latest.options?.types).to.deep.equal(['task', 'place']);
  });

  it('asks for the token of the moment, and takes one that comes later', async () => {
    const element = await provider();
    element.getToken = () => 'first';
    await element.updateComplete;
    expect(element.made).to.have.length(2);
    element.getToken = () => 'second';
    await element.updateComplete;
    expect(element.made).to.have.length(2);
    expect(await element.latest.options?.getToken?.()).to.equal('second');
  });

  it('does nothing without a url', async () => {
    const element = await fixture<FakeProvider>(html`<fake-provider></fake-provider>`);
    expect(element.made).to.have.length(0);
    expect(element.state.status).to.equal('idle');
  });

  it('connects by itself', async () => {
    await (await provider()).latest.called('connect');
  });

  it('holds the line closed while paused, and still opens the replica', async () => {
    const element = await fixture<FakeProvider>(html`<fake-provider url="/api" paused></fake-provider>`);
    await element.latest.called('initialize');
    expect(element.latest.times('connect')).to.equal(0);
    expect(await element.connect()).to.equal(false);
    element.paused = false;
    await element.latest.called('connect');
    element.paused = true;
    await element.latest.called('disconnect');
  });

  it('keeps its service when it is moved', async () => {
    const element = await provider();
    const {latest} = element;
    const elsewhere = element.parentElement?.parentElement as HTMLElement;
    elsewhere.append(element);
    element.remove();
    await Promise.resolve();
    elsewhere.append(element);
    await element.list('task');
    await new Promise(resolve => setTimeout(resolve));
    expect(element.service).to.equal(latest);
    expect(latest.times('cleanup')).to.equal(0);
    expect(latest.times('connect')).to.equal(1);
  });

  it('survives a move to another document', async () => {
    const element = await provider();
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.contentDocument?.body.append(element);
    expect(await element.count('task')).to.equal(0);
    expect(element.latest.times('cleanup')).to.equal(0);
    frame.remove();
  });

  it('cleans up when removed, and rejects calls then', async () => {
    const element = await provider();
    element.remove();
    await element.latest.called('cleanup');
    expect(await codeOf(element.get('task', '1'))).to.equal('closed');
    expect(await codeOf(element.put('task', '1', {}))).to.equal('closed');
    expect(element.latest.listening).to.equal(0);
    expect(element.getAttribute('status')).to.equal('idle');
  });

  it('starts anew when put back later', async () => {
    const element = await provider();
    element.remove();
    await element.latest.called('cleanup');
    document.body.append(element);
    await element.list('task');
    expect(element.made).to.have.length(2);
    element.remove();
  });

  it('lets go of calls that still wait when it is removed', async () => {
    const element = await fixture<FakeProvider>(html`<fake-provider></fake-provider>`);
    const waiting = element.flush();
    element.remove();
    expect(await codeOf(waiting)).to.equal('closed');
  });

  it('removed while connecting leaves nothing behind', async () => {
    const element = document.createElement('fake-provider') as FakeProvider;
    element.url = '/api';
    document.body.append(element);
    await element.updateComplete;
    element.remove();
    await element.latest.called('cleanup');
    expect(element.latest.listening).to.equal(0);
  });

  it('makes one service however often attributes flap', async () => {
    const element = await provider();
    for (let round = 0; round < 10_000; round++) element.setAttribute('user', `u${round}`);
    await element.updateComplete;
    expect(element.made).to.have.length(2);
    expect(element.latest.options?.user).to.equal('u9999');
    for (let round = 0; round < 10_000; round++) element.url = round % 2 ? '/api/sync' : '/other';
    await element.updateComplete;
    expect(element.made).to.have.length(2);
  });

  it('replaces its service when the settings change, and cleans up the old one', async () => {
    const element = await provider();
    const {latest} = element;
    element.user = 'somebody';
    await latest.called('cleanup');
    expect(element.service).to.equal(element.made[1]);
  });

  it('never tears down a service it was given', async () => {
    const given = new FakeService();
    const element = await fixture<FakeProvider>(html`<fake-provider url="/api" .service=${given}></fake-provider>`);
    await given.called('connect');
    expect(element.made).to.have.length(0);
    const left = next(element, 'sync-state-change');
    element.remove();
    await left;
    expect(await codeOf(element.settled('1'))).to.equal('closed');
    expect(given.times('cleanup')).to.equal(0);
    expect(given.listening).to.equal(0);
  });

  it('keeps properties that were set before the upgrade', async () => {
    const tag = freshName();
    const element = document.createElement(tag) as FakeProvider;
    Object.assign(element, {url: '/early', user: 'early', paused: true, types: ['task']});
    document.body.append(element);
    defineProvider(tag);
    await element.updateComplete;
    expect(element.latest.options).to.include({url: '/early', user: 'early'});
    expect(element.latest.options?.types).to.deep.equal(['task']);
    expect(element.hasAttribute('paused')).to.equal(true);
    element.remove();
  });

  it('keeps a service that was given before the upgrade', async () => {
    const tag = freshName();
    const given = new FakeService();
    const element = Object.assign(document.createElement(tag), {service: given}) as unknown as FakeProvider;
    document.body.append(element);
    defineProvider(tag);
    await given.called('connect');
    expect(element.service).to.equal(given);
    element.remove();
  });

  it('is defined once however often', () => {
    define('fake-provider', class extends HTMLElement {});
    expect(document.createElement('fake-provider')).to.have.property('made');
  });

  it('is still an element that can remove itself', async () => {
    const element = await provider();
    expect(element.remove()).to.equal(undefined);
    expect(element.isConnected).to.equal(false);
  });
});

describe('<sync-provider> and data', () => {
  it('lets calls wait until there is a service', async () => {
    const element = document.createElement('fake-provider') as FakeProvider;
    const listed = element.list('task', {limit: 1});
    const patched = element.patch('task', '1', {title: 'x'});
    element.url = '/api';
    document.body.append(element);
    expect(await listed).to.deep.equal([]);
    expect(await patched).to.equal('operation-1');
    expect(await element.remove('task', '1')).to.equal('operation-2');
    expect(element.isConnected).to.equal(true);
    element.remove();
  });

  it('follows data from before the connection and across services', async () => {
    const element = document.createElement('fake-provider') as FakeProvider;
    const seen: unknown[] = [];
    const live = element.live('task');
    const stop = live.subscribe(rows => seen.push(rows?.length));
    element.url = '/api';
    document.body.append(element);
    await element.updateComplete;
    element.latest.setRows('task', [{id: 'a'}]);
    element.user = 'other';
    await element.updateComplete;
    element.latest.setRows('task', [{id: 'a'}, {id: 'b'}]);
    expect(seen).to.deep.equal([undefined, undefined, 0, 1, undefined, 0, 2]);
    element.remove();
    await element.latest.called('cleanup');
    expect(live.error?.code).to.equal('closed');
    stop();
    expect(element.latest.listening).to.equal(0);
  });
});
