import {expect, html, waitUntil} from '@open-wc/testing';
import './define/sync-inspector.js';
import {Recorder, SECONDS} from './inspector/recorder.js';
import type {SyncState} from './shared/core.js';
import type {SyncInspector} from './sync-inspector.js';
import {FakeService} from './testing/fake-service.js';
import {inProvider, operation, refused} from './testing/in-provider.js';
import {find} from './testing/status-scene.js';

const panel = (element: Element) => find(element, '[part=panel]');
const log = (element: Element) =>
  [...(element.shadowRoot?.querySelectorAll('li bdi') ?? [])].map(item => item.textContent);

async function opened(state: Partial<SyncState> = {}) {
  const placed = await inProvider<SyncInspector>(html`<sync-inspector open></sync-inspector>`, state, [
    refused('a'),
    operation('b'),
  ]);
  await waitUntil(() => find(placed.element, 'table'));
  return placed;
}

describe('<sync-inspector>', () => {
  it('is a button until it is opened, and listens to nothing until then', async () => {
    const {element, service} = await inProvider<SyncInspector>(html`<sync-inspector></sync-inspector>`);
    const before = service.listening;
    const toggle = find(element, '[part=toggle]') as HTMLButtonElement;
    expect([panel(element), toggle.getAttribute('aria-expanded')]).to.deep.equal([null, 'false']);
    toggle.click();
    await waitUntil(() => panel(element));
    expect(toggle.getAttribute('aria-expanded')).to.equal('true');
    expect(find(element, `#${toggle.getAttribute('aria-controls')}`) === panel(element)).to.equal(true);
    expect(service.listening).to.be.greaterThan(before);
    toggle.click();
    await element.updateComplete;
    expect([panel(element), service.listening, element.open]).to.deep.equal([null, before, false]);
  });

  it('tells of the tab, the position and the queue', async () => {
    const {element} = await opened({
      role: 'leader',
      tabs: 3,
      lastLSN: '0/1A' as SyncState['lastLSN'],
      pending: 1,
      failed: 1,
    });
    const text = panel(element)?.textContent?.replace(/\s+/g, ' ');
    for (const words of [
      'owns the socket',
      'Tabs3',
      '0/1A',
      'reached, as last heard',
      '1 pending, 0 in flight, 1 failed',
    ]) {
      expect(text).to.contain(words);
    }
    const cells = [...(element.shadowRoot?.querySelectorAll('tbody tr:first-child td') ?? [])].map(
      ({textContent}) => textContent,
    );
    expect([cells[0], cells[1], cells[4]]).to.deep.equal(['failed', 'upsert task a', 'forbidden: No to a']);
  });

  const position = async (state: Partial<SyncState>, head: string | null) => {
    const service = new FakeService();
    service.diagnostics = async () => ({checkpoint: '0/1A', head});
    service.become({status: 'synced', isConnected: true, lastLSN: '0/1A' as SyncState['lastLSN'], ...state});
    const {element, provider} = await inProvider<SyncInspector>(html`<sync-inspector open></sync-inspector>`);
    provider.service = service;
    const value = (name: string) =>
      [...(element.shadowRoot?.querySelectorAll('dt') ?? [])].find(({textContent}) => textContent === name)
        ?.nextElementSibling?.textContent;
    await waitUntil(() => value('Checkpoint') === '0/1A' && (head === null || value('Head')?.includes(head)));
    return value('Head');
  };

  for (const [what, state] of [
    ['while rows come', {status: 'syncing'}],
    ['while an operation waits for a decision besides', {status: 'error', failed: 1}],
  ] as const) {
    it(`says where the head is and how far behind, ${what}`, async () => {
      const progress = {received: 5, total: 20, bytes: 1};
      expect(await position({...state, progress}, '0/2B')).to.equal('0/2B, behind: 5 of 20 rows');
    });
  }

  it('says where the head is, and that it was reached, or that nobody knows', async () => {
    expect(await position({}, '0/1A')).to.equal('0/1A, reached, as last heard');
    expect(await position({}, '0/2B')).to.equal('0/2B, behind');
    expect(await position({isConnected: false, status: 'offline'}, null)).to.equal('unknown: not connected');
  });

  it('logs what happens, newest first, after what the engine remembers', async () => {
    const service = new FakeService();
    const history = [{at: 1, status: 'idle', phase: 'stopped'}];
    service.diagnostics = async () => ({state: service.getState(), phase: 'live', history});
    service.become({status: 'synced', isConnected: true});
    const {element, provider} = await inProvider<SyncInspector>(html`<sync-inspector open></sync-inspector>`);
    provider.service = service;
    await waitUntil(() => log(element).includes('status idle, phase stopped'));
    service.emit('disconnected', {code: 1006, reason: ''});
    service.become({status: 'offline'});
    await waitUntil(() => log(element)[0] === 'status offline');
    expect(log(element).slice(0, 2)).to.deep.equal(['status offline', 'disconnected: 1006']);
  });

  it('copies the report, or marks it where it may not', async () => {
    const {element} = await opened();
    const texts: string[] = [];
    const clipboard = navigator.clipboard;
    const give = (value: unknown) => Object.defineProperty(navigator, 'clipboard', {value, configurable: true});
    give({writeText: async (text: string) => texts.push(text)});
    find(element, '[part=copy]')?.click();
    await waitUntil(() => find(element, '[role=status]')?.textContent === 'Copied.');
    expect(JSON.parse(texts[0] ?? '').phase).to.equal('live');
    give(undefined);
    find(element, '[part=copy]')?.click();
    await waitUntil(() => /selected/.test(find(element, '[role=status]')?.textContent ?? ''));
    give(clipboard);
  });
});

describe('the recorder', () => {
  it('counts rows by the second: those of a transfer as they come, those of commits as they are told', () => {
    const service = new FakeService();
    const recorder = new Recorder(() => {});
    const stop = recorder.follow(service);
    const progress = (received: number) => ({progress: {received, total: null, bytes: 0}});
    service.become(progress(100));
    service.become(progress(250));
    recorder.nextSecond();
    service.become({progress: null});
    service.emit('changes', {lsn: undefined, types: ['task'], ids: ['1', '2']});
    service.emit('changes', {lsn: undefined, types: ['task'], ids: null, count: 5000});
    service.emit('changes', {lsn: undefined, types: [], ids: null});
    expect(recorder.rates.slice(-2)).to.deep.equal([250, 5002]);
    expect(recorder.rates).to.have.length(SECONDS);
    stop();
    expect(service.listening).to.equal(0);
  });

  it('keeps the last 200 entries', () => {
    const recorder = new Recorder(() => {});
    for (let entry = 0; entry < 500; entry++) recorder.note(`${entry}`);
    expect([recorder.entries.length, recorder.entries[0]?.what]).to.deep.equal([200, '499']);
  });
});
