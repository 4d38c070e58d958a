import {expect, html, waitUntil} from '@open-wc/testing';
import './define/sync-queue.js';
import type {QueuedOperation} from './shared/core.js';
import type {SyncDiscardRequestEvent, SyncEditRequestEvent, SyncExportRequestEvent} from './shared/events.js';
import type {SyncQueue} from './sync-queue.js';
import {inProvider, operation, type Placed, refused} from './testing/in-provider.js';
import {find} from './testing/status-scene.js';

const rows = (element: Element) => [...(element.shadowRoot?.querySelectorAll<HTMLElement>('[data-id]') ?? [])];
const ids = (element: Element) => rows(element).map(row => row.dataset['id']);
const button = (element: Element, id: string, action: string) =>
  find(element, `[data-id="${id}"] [data-action=${action}]`) as HTMLButtonElement;
const nameOf = (row: Element | undefined) => row?.querySelector('.name')?.textContent?.replace(/[\u2068\u2069]/g, '');

async function queue(
  operations: readonly QueuedOperation[],
  markup = html`<sync-queue></sync-queue>`,
): Promise<Placed<SyncQueue>> {
  const placed = await inProvider<SyncQueue>(markup, {}, operations);
  await waitUntil(() => find(placed.element, '[part]'));
  return placed;
}

describe('<sync-queue> and what it lists', () => {
  it('says that nothing is waiting', async () => {
    const {element} = await queue([]);
    expect(find(element, '[part=empty]')?.textContent).to.contain('Nothing is waiting');
  });

  it('says in the page’s words that nothing is waiting', async () => {
    const {element} = await queue([], html`<sync-queue><p slot="empty">All has arrived.</p></sync-queue>`);
    const slot = find(element, 'slot[name=empty]') as HTMLSlotElement;
    expect(slot.assignedElements()[0]?.checkVisibility()).to.equal(true);
    expect(find(element, '.icon')?.checkVisibility()).to.equal(false);
  });

  it('lists first what needs a person, each oldest first', async () => {
    const {element} = await queue([operation('a'), refused('b'), operation('c', {stage: 'sent'}), refused('d')]);
    expect(ids(element)).to.deep.equal(['b', 'd', 'a', 'c']);
  });

  for (const [filter, expected] of [
    ['pending', ['a', 'c']],
    ['failed', ['b']],
    ['strange', ['b', 'a', 'c']],
  ] as const) {
    it(`filters by ${filter}`, async () => {
      const operations = [operation('a'), refused('b'), operation('c', {stage: 'applied'})];
      const {element} = await queue(operations, html`<sync-queue filter=${filter}></sync-queue>`);
      expect(ids(element)).to.deep.equal(expected);
    });
  }

  it('shows 50, and more when asked', async () => {
    const {element} = await queue(Array.from({length: 120}, (_, at) => operation(`o${at}`)));
    expect(rows(element)).to.have.length(50);
    find(element, '[part=more]')?.click();
    await element.updateComplete;
    expect(rows(element)).to.have.length(100);
    expect(find(element, '[part=more]')?.textContent?.trim()).to.equal('Show 20 more');
    find(element, '[part=more]')?.click();
    await element.updateComplete;
    expect(rows(element)).to.have.length(120);
    expect(find(element, '[part=more]')?.hidden).to.equal(true);
  });

  for (const limit of ['0', '-3', 'many', '']) {
    it(`takes limit="${limit}" for 50`, async () => {
      const many = Array.from({length: 60}, (_, at) => operation(`o${at}`));
      const {element} = await queue(many, html`<sync-queue limit=${limit}></sync-queue>`);
      expect(rows(element)).to.have.length(50);
    });
  }

  it('reads again when the counts change, one reading at a time', async () => {
    const {element, service} = await queue([operation('a')]);
    const before = service.times('operations');
    for (let pending = 2; pending < 50; pending++) service.become({pending});
    service.queue = [operation('a'), operation('b')];
    await waitUntil(() => rows(element).length === 2);
    expect(service.times('operations') - before).to.be.within(1, 3);
    service.become({latency: 3});
    expect(service.times('operations') - before).to.be.within(1, 3);
  });

  it('names an operation as the page does, else by what its row calls it', async () => {
    const {element} = await queue([operation('a'), operation('b', {type: 'delete', payload: {}})]);
    expect(rows(element).map(nameOf)).to.deep.equal(['Save “Title of a”', 'Delete “task b”']);
    element.naming = ({id}) => (id === 'a' ? 'The first one' : undefined);
    await element.updateComplete;
    expect(rows(element).map(nameOf)).to.deep.equal(['The first one', 'Delete “task b”']);
  });

  it('shows text of others as text: no markup, nothing that turns it around', async () => {
    const title = '<img src=x onerror=alert(1)>\u202Egpj.exe\n\u0000';
    const {element} = await queue([
      operation('a', {payload: {title}}),
      refused('b', {error: {code: 'no', message: title}}),
    ]);
    expect(find(element, 'img')).to.equal(null);
    expect(nameOf(rows(element)[1])).to.equal('Save “<img src=x onerror=alert(1)>gpj.exe”');
    expect(find(element, '.reason')?.textContent).to.equal('<img src=x onerror=alert(1)>gpj.exe');
    expect(find(element, '[data-id=a] pre')?.textContent).to.contain('\\u202e');
  });

  it('bears a name of a million letters', async () => {
    const {element} = await queue([operation('a', {payload: {title: 'x'.repeat(1e6)}})]);
    expect(nameOf(rows(element)[0])?.length).to.be.below(120);
    expect(find(element, 'pre')?.textContent?.length).to.be.below(5000);
  });
});

describe('<sync-queue> and its buttons', () => {
  it('tries one again, unless prevented', async () => {
    const {element, service} = await queue([refused('a'), refused('b')]);
    element.addEventListener('sync-retry-request', event => event.preventDefault(), {once: true});
    button(element, 'b', 'retry').click();
    expect(service.times('retry')).to.equal(0);
    button(element, 'b', 'retry').click();
    expect(service.calls.filter(({method}) => method === 'retry')).to.deep.equal([{method: 'retry', args: ['b']}]);
  });

  it('offers to edit where the page wants it, and leaves the rest to the page', async () => {
    const {element} = await queue([refused('a')]);
    expect(button(element, 'a', 'edit')).to.equal(null);
    element.editable = true;
    await element.updateComplete;
    let request: SyncEditRequestEvent | undefined;
    element.addEventListener('sync-edit-request', event => (request = event as SyncEditRequestEvent));
    button(element, 'a', 'edit').click();
    expect([request?.id, request?.operation.stage, request?.bubbles, request?.composed]).to.deep.equal([
      'a',
      'failed',
      true,
      true,
    ]);
  });

  it('discards only when that can no longer be undone', async () => {
    const {element, service} = await queue([refused('a')]);
    const asked: string[] = [];
    element.addEventListener('sync-discard-request', event => asked.push((event as SyncDiscardRequestEvent).id));
    button(element, 'a', 'discard').focus();
    button(element, 'a', 'discard').click();
    await element.updateComplete;
    expect(find(element, '[role=status]')?.textContent).to.contain('discarded');
    expect(element.shadowRoot?.activeElement === button(element, 'a', 'undo')).to.equal(true);
    button(element, 'a', 'undo').click();
    await element.updateComplete;
    expect(button(element, 'a', 'retry').hidden).to.equal(false);
    expect(element.shadowRoot?.activeElement === rows(element)[0], 'the focus stays with the row').to.equal(true);
    button(element, 'a', 'discard').click();
    // Whoever takes the list away can't undo any more.
    element.remove();
    await service.called('discard');
    expect(asked).to.deep.equal(['a', 'a']);
    expect(service.times('discard')).to.equal(1);
  });

  it('does not take a move for a removal', async () => {
    const {element, service, provider} = await queue([refused('a')]);
    button(element, 'a', 'discard').click();
    provider.prepend(element);
    await new Promise(resolve => setTimeout(resolve));
    expect(service.times('discard')).to.equal(0);
    await waitUntil(() => button(element, 'a', 'undo'));
    button(element, 'a', 'undo').click();
  });

  it('discards nothing where the page prevents it', async () => {
    const {element} = await queue([refused('a')]);
    element.addEventListener('sync-discard-request', event => event.preventDefault());
    button(element, 'a', 'discard').click();
    await element.updateComplete;
    expect(button(element, 'a', 'undo')).to.equal(null);
  });

  it('exports all it could list, payloads included, to whoever asks', async () => {
    const {element} = await queue([refused('a'), operation('b')], html`<sync-queue limit="1"></sync-queue>`);
    let request: SyncExportRequestEvent | undefined;
    element.addEventListener('sync-export-request', event => {
      request = event as SyncExportRequestEvent;
      event.preventDefault();
    });
    find(element, '[part=export]')?.click();
    expect(request?.operations.map(({id, payload}) => [id, payload])).to.deep.equal([
      ['a', {title: 'Title of a'}],
      ['b', {title: 'Title of b'}],
    ]);
  });
});

describe('<sync-queue> and the keyboard', () => {
  const press = (element: Element, key: string) =>
    element.shadowRoot?.activeElement?.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  const focused = (element: Element) =>
    (element.shadowRoot?.activeElement?.closest('[data-id]') as HTMLElement | null)?.dataset['id'];

  it('is one stop for Tab, and the arrows walk it', async () => {
    const {element} = await queue([refused('a'), refused('b'), refused('c')]);
    expect(rows(element).filter(row => row.tabIndex === 0)).to.have.length(1);
    rows(element)[0]?.focus();
    for (const [key, id] of [
      ['ArrowDown', 'b'],
      ['ArrowDown', 'c'],
      ['ArrowDown', 'c'],
      ['Home', 'a'],
      ['ArrowUp', 'a'],
      ['End', 'c'],
      ['ArrowUp', 'b'],
    ] as const) {
      press(element, key);
      await element.updateComplete;
      expect(focused(element), key).to.equal(id);
    }
    const stops = [...(element.shadowRoot?.querySelectorAll<HTMLElement>('ul [tabindex="0"]') ?? [])];
    expect(new Set(stops.map(stop => stop.closest<HTMLElement>('[data-id]')?.dataset['id']))).to.deep.equal(
      new Set(['b']),
    );
  });

  it('keeps the focus on a button when rows before it go, and the content of a row open', async () => {
    const {element, service} = await queue([refused('a'), refused('b'), refused('c')]);
    button(element, 'b', 'retry').focus();
    (find(element, '[data-id=b] summary') as HTMLElement).click();
    await element.updateComplete;
    service.queue = [refused('b'), refused('c')];
    service.become({failed: 2});
    await waitUntil(() => rows(element).length === 2);
    expect(element.shadowRoot?.activeElement === button(element, 'b', 'retry')).to.equal(true);
    const open = rows(element).map(row => row.querySelector('details')?.open);
    expect(open).to.deep.equal([true, false]);
  });

  it('keeps the focus with a row whose buttons go because it is tried again, and says that it waits', async () => {
    const {element, service} = await queue([refused('a'), refused('b')]);
    const region = find(element, '[role=status]');
    button(element, 'b', 'retry').focus();
    button(element, 'b', 'retry').click();
    await element.updateComplete;
    expect(region?.textContent?.replace(/[\u2068\u2069]/g, '')).to.equal('Save “Title of b”: Waiting');
    service.queue = [refused('a'), operation('b')];
    service.become({failed: 1, pending: 1});
    await waitUntil(() => !button(element, 'b', 'retry').checkVisibility());
    expect(element.shadowRoot?.activeElement === rows(element)[1]).to.equal(true);
  });

  it('says once more what it has said before', async () => {
    const {element} = await queue([refused('a')]);
    const region = find(element, '[role=status]') as HTMLElement;
    button(element, 'a', 'retry').click();
    await element.updateComplete;
    let heard = 0;
    const observer = new MutationObserver(() => heard++);
    observer.observe(region, {childList: true, characterData: true, subtree: true});
    button(element, 'a', 'retry').click();
    await element.updateComplete;
    await waitUntil(() => heard === 1);
  });

  it('goes on with the first of the rows that more were asked for, also where those are the last', async () => {
    const {element} = await queue(
      Array.from({length: 5}, (_, at) => operation(`o${at}`)),
      html`<sync-queue limit="2"></sync-queue>`,
    );
    for (const first of ['o2', 'o4']) {
      find(element, '[part=more]')?.focus();
      find(element, '[part=more]')?.click();
      await waitUntil(() => focused(element) === first);
    }
    expect(find(element, '[part=more]')?.checkVisibility()).to.equal(false);
  });

  it('tells buttons of the same name apart by the name of their row', async () => {
    const {element} = await queue([refused('a'), refused('b')]);
    const described = [...(element.shadowRoot?.querySelectorAll('[data-action=retry]') ?? [])].map(
      each => find(element, `#${each.getAttribute('aria-describedby')}`)?.textContent,
    );
    expect(described.map(name => name?.replace(/[\u2068\u2069]/g, ''))).to.deep.equal([
      'Save “Title of a”',
      'Save “Title of b”',
    ]);
  });

  it('takes the focus from a button that goes to the next row, not to its button', async () => {
    const {element, service} = await queue([refused('a'), refused('b')]);
    button(element, 'a', 'discard').focus();
    service.queue = [refused('b')];
    service.become({failed: 1});
    await waitUntil(() => rows(element).length === 1);
    expect(element.shadowRoot?.activeElement === rows(element)[0]).to.equal(true);
  });

  it('keeps the focus when the row that has it goes', async () => {
    const {element, service} = await queue([refused('a'), refused('b'), refused('c')]);
    rows(element)[1]?.focus();
    await element.updateComplete;
    service.queue = [refused('a'), refused('c')];
    service.become({failed: 2});
    await waitUntil(() => rows(element).length === 2);
    expect(focused(element)).to.equal('c');
    service.queue = [];
    service.become({failed: 0});
    await waitUntil(() => rows(element).length === 0);
    expect(element.shadowRoot?.activeElement === find(element, '.empty')).to.equal(true);
  });
});
