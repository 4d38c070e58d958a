import {expect, html, waitUntil} from '@open-wc/testing';
import './define/sync-progress.js';
import type {SyncProgress} from './sync-progress.js';
import {inProvider} from './testing/in-provider.js';
import {find} from './testing/status-scene.js';

const bar = (element: Element) => find(element, 'progress') as HTMLProgressElement | null;
const syncing = (received: number, total: number | null) => ({
  status: 'syncing' as const,
  progress: {received, total, bytes: received},
});
const markup = html`<sync-progress></sync-progress>`;

describe('<sync-progress>', () => {
  it('takes no room while nothing comes, nor for what is over in a moment', async () => {
    const {element, service} = await inProvider<SyncProgress>(markup);
    expect(element.offsetHeight).to.equal(0);
    service.become(syncing(1, 10));
    await element.updateComplete;
    expect(bar(element)).to.equal(null);
    service.become({status: 'synced', progress: null});
    await element.updateComplete;
    expect(element.offsetHeight).to.equal(0);
  });

  it('shows while rows come, whatever else the status has to say', async () => {
    const {element, service} = await inProvider<SyncProgress>(markup, {
      ...syncing(10, 100),
      status: 'error',
      failed: 1,
    });
    expect(bar(element)).to.equal(null);
    await waitUntil(() => bar(element));
    service.become({status: 'syncing', failed: 0});
    await element.updateComplete;
    expect(bar(element)).not.to.equal(null);
  });

  it('is still there after a move, and begins anew after a removal', async () => {
    const {element, provider} = await inProvider<SyncProgress>(markup, syncing(10, 100));
    await waitUntil(() => bar(element));
    const place = provider.appendChild(document.createElement('div'));
    place.append(element);
    await element.updateComplete;
    expect(bar(element)).not.to.equal(null);
    element.remove();
    await waitUntil(() => !element.matches(':state(active)'));
    place.append(element);
    await element.updateComplete;
    expect(bar(element)).to.equal(null);
    await waitUntil(() => bar(element));
  });

  it('is a progressbar with rows in words', async () => {
    const {element} = await inProvider<SyncProgress>(markup, syncing(43_210, 171_075));
    await waitUntil(() => bar(element));
    const progress = bar(element) as HTMLProgressElement;
    expect([progress.value, progress.max]).to.deep.equal([43_210, 171_075]);
    expect(progress.getAttribute('aria-label')).to.equal('Syncing…');
    expect(progress.getAttribute('aria-valuetext')).to.equal('43,210 of 171,075');
    expect(find(element, '[part=rows]')?.textContent).to.equal('43,210 of 171,075');
    expect(element.matches(':state(active)')).to.equal(true);
  });

  for (const total of [null, 5]) {
    it(`claims no share of a total that is ${total === null ? 'unknown' : 'overtaken'}`, async () => {
      const {element} = await inProvider<SyncProgress>(markup, syncing(9, total));
      await waitUntil(() => bar(element));
      expect(bar(element)?.position).to.equal(-1);
      expect(find(element, '[part=rows]')?.textContent).to.equal('9 rows');
    });
  }

  it('keeps its height while its words change, and goes when all has come', async () => {
    const {element, service} = await inProvider<SyncProgress>(markup, syncing(1, 1_000_000));
    await waitUntil(() => bar(element));
    const height = element.offsetHeight;
    for (const received of [10, 1000, 999_999]) {
      service.become(syncing(received, 1_000_000));
      await element.updateComplete;
      expect(element.offsetHeight).to.equal(height);
    }
    service.become({status: 'synced', progress: null});
    await waitUntil(() => bar(element) === null);
    expect(element.matches(':state(active)')).to.equal(false);
  });
});
