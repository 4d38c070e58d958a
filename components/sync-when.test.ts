import {expect, html, waitUntil} from '@open-wc/testing';
import './define/sync-when.js';
import type {SyncWhen} from './sync-when.js';
import {inProvider} from './testing/in-provider.js';

const shows = (element: SyncWhen) => element.shadowRoot?.querySelector('slot') !== null;
const offline = html`<sync-when status="offline  reconnecting"><p>Keep working</p></sync-when>`;

describe('<sync-when>', () => {
  it('shows its content in each of its statuses, and in no other', async () => {
    const {element, service} = await inProvider<SyncWhen>(offline, {status: 'offline'});
    expect(shows(element)).to.equal(true);
    expect(element.matches(':state(matching)')).to.equal(true);
    expect((element.firstElementChild as HTMLElement).offsetHeight).to.be.greaterThan(0);
    service.become({status: 'synced'});
    await element.updateComplete;
    expect(shows(element)).to.equal(false);
    expect(element.matches(':state(matching)')).to.equal(false);
    expect((element.firstElementChild as HTMLElement).offsetHeight).to.equal(0);
    service.become({status: 'reconnecting'});
    await waitUntil(() => shows(element));
  });

  it('does not flash for what passes', async () => {
    const {element, service} = await inProvider<SyncWhen>(html`<sync-when status="syncing">…</sync-when>`);
    let drawn = 0;
    const observer = new MutationObserver(() => drawn++);
    if (element.shadowRoot) observer.observe(element.shadowRoot, {childList: true});
    service.become({status: 'syncing'});
    await element.updateComplete;
    service.become({status: 'synced'});
    await element.updateComplete;
    expect(observer.takeRecords().length + drawn).to.equal(0);
  });

  it('follows its attribute, and takes words that are no status for no match', async () => {
    const {element} = await inProvider<SyncWhen>(html`<sync-when status="sync synced-ish">…</sync-when>`);
    expect(shows(element)).to.equal(false);
    element.setAttribute('status', 'synced');
    await element.updateComplete;
    expect(shows(element)).to.equal(true);
    element.removeAttribute('status');
    await element.updateComplete;
    expect(shows(element)).to.equal(false);
  });
});
