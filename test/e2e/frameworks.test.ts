/** One test for six apps: what a framework does with attributes, properties, events, moves and removals must not show. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {test} from 'node:test';
import type {SyncProvider} from '../../components/index.js';
import {APPS, prepareApp} from '../../scripts/own-projects.mjs';
import {complaintsOf} from './frameworks-angular.js';
import {Stage, type Tab} from './frameworks-stage.js';
import {eventually} from './harness.js';

const isPaused = (tab: Tab) => tab.provider.evaluate(provider => (provider as SyncProvider).paused);
const hasPausedAttribute = (tab: Tab) => tab.provider.evaluate(provider => provider.hasAttribute('paused'));

for (const name of APPS) {
  test(`the board in ${name}`, async t => {
    await prepareApp(name);
    const stage = await Stage.set(t);
    const first = await stage.open(name);

    await t.test('it looks as the others do', async () => {
      const columns = first.page.locator('.columns');
      assert.equal(await columns.evaluate(element => getComputedStyle(element).display), 'grid');
    });

    await t.test('attributes reach the provider, and the rows the page', async () => {
      const {url, database} = await first.provider.evaluate(provider => {
        const {url, database} = provider as SyncProvider;
        return {url, database};
      });
      assert.deepEqual({url, database}, {url: '/api/sync', database: `board-${name}`});
      await first.untilStatus('synced');
      assert.deepEqual(await first.titlesIn('To do'), ['Ask the users', 'Build it']);
      assert.deepEqual(await first.titlesIn('Doing'), ['Ship it']);
    });

    await t.test('an edit reaches the server, and a change there the page', async () => {
      await first.rename('Ask the users', 'Ask ten users');
      await eventually('the title is at the server', async () => (await stage.titleAtServer('a')) === 'Ask ten users');
      await stage.write('b', {title: 'Build it twice'});
      await first.title('Build it twice').waitFor();
    });

    await t.test('what is being typed survives a change that comes in', async () => {
      await first.title('Ask ten users').click();
      const input = first.page.getByRole('textbox', {name: 'Title', exact: true});
      await input.fill('Ask eleven');
      await stage.write('c', {title: 'Ship it today'});
      await first.title('Ship it today').waitFor();
      assert.equal(await input.inputValue(), 'Ask eleven');
      await input.press('Escape');
      await first.title('Ask ten users').waitFor();
    });

    const second = await stage.open(name);
    await t.test('offline is one switch for both tabs; events count what waits, a property names it', async () => {
      await first.untilPending(0);
      await first.offline.check();
      for (const tab of [first, second]) {
        await tab.untilStatus('idle');
        assert.equal(await isPaused(tab), true);
        assert.equal(await hasPausedAttribute(tab), true);
        assert.equal(await tab.offline.isChecked(), true);
      }
      await first.move('Build it twice', 'Doing');
      await second.add('Done', 'Rest');
      for (const tab of [first, second]) await tab.untilPending(2);
      await first.page.locator('.waiting > summary').click();
      await first.page
        .locator('.waiting sync-queue')
        .getByText(/move to doing/)
        .waitFor();
    });

    await t.test('a reload keeps the rows, what waits, and the switch', async () => {
      await first.page.reload();
      await first.untilReady();
      await first.untilPending(2);
      assert.equal(await first.offline.isChecked(), true);
      assert.equal(stage.lines, 0);
      assert.deepEqual(await first.titlesIn('Doing'), ['Ship it today', 'Build it twice']);
      assert.deepEqual(await first.titlesIn('Done'), ['Rest']);
    });

    await t.test('two tabs converge', async () => {
      await first.rename('Rest', 'Rest a day');
      await second.rename('Ship it today', 'Ship it tonight');
      await second.offline.uncheck();
      for (const tab of [first, second]) {
        await tab.untilStatus('synced');
        await tab.untilPending(0);
        assert.equal(await hasPausedAttribute(tab), false);
        assert.deepEqual(await tab.titlesIn('To do'), ['Ask ten users']);
        assert.deepEqual(await tab.titlesIn('Doing'), ['Ship it tonight', 'Build it twice']);
        assert.deepEqual(await tab.titlesIn('Done'), ['Rest a day']);
      }
      assert.equal(stage.lines, 1, 'one line for both tabs');
      assert.equal(await stage.titleAtServer('c'), 'Ship it tonight');
    });

    await t.test(
      'taking the provider out of the page ends what it began, and putting one in begins again',
      async () => {
        await second.page.close();
        const removed = await first.provider.elementHandle();
        await first.page.getByRole('button', {name: 'Close the board'}).click();
        await first.page.getByText('The board is closed.').waitFor();
        assert.equal(await first.provider.count(), 0);
        await eventually('the line is closed', async () => stage.lines === 0);
        assert.equal(
          await removed?.evaluate(provider => (provider as SyncProvider).list('task').catch(error => error.code)),
          'closed',
        );
        await first.page.getByRole('button', {name: 'Open the board'}).click();
        await first.untilReady();
        await first.untilStatus('synced');
        await first.rename('Rest a day', 'Rest a week');
        await first.untilPending(0);
        await eventually('one line again', async () => stage.lines === 1);
        await stage.write('a', {title: 'Ask nobody'});
        await first.title('Ask nobody').waitFor();
      },
    );

    assert.deepEqual(stage.complaints, [], 'the pages complain of nothing');
  });
}

test('the page that lists the apps leads to each, and an app that is new is prepared before the eyes', async t => {
  await prepareApp('html');
  const stage = await Stage.set(t);
  const page = await stage.profile.newPage();
  await page.goto(`${stage.url}frameworks.html`);
  const links = await page
    .getByRole('main')
    .getByRole('link')
    .evaluateAll(all => all.map(link => (link as HTMLAnchorElement).pathname));
  assert.deepEqual(links.toSorted(), APPS.map(name => `/frameworks/${name}/`).toSorted());
  await page.getByRole('link', {name: 'Open the board in Plain HTML'}).click();
  await page.getByRole('heading', {name: 'Team board in plain HTML'}).waitFor();
  assert.deepEqual(stage.complaints, []);
});

test('a preparation tells how far it is to all who watch; one that fails says why, and can be tried again', async t => {
  let runs = 0;
  const stage = await Stage.set(t, () => {
    runs++;
    // The first try fails, the second is done at once: html is built.
    const script =
      "process.stdout.write('▸ installing nothing …'); process.stdin.once('data', () => { console.error('no registry'); process.exit(1) })";
    const child = spawn(process.execPath, ['--eval', runs === 1 ? script : ''], {stdio: ['pipe', 'pipe', 'pipe']});
    if (runs === 1) fail = () => child.stdin.end('now');
    return child;
  });
  let fail = () => {};
  await prepareApp('html');
  const [one, two] = [await stage.profile.newPage(), await stage.profile.newPage()];
  for (const page of [one, two]) {
    await page.goto(`${stage.url}frameworks/html/`);
    await page.getByRole('status').getByText('installing nothing').waitFor();
  }
  fail();
  for (const page of [one, two]) {
    await page.getByRole('heading', {name: 'That did not work'}).waitFor();
    await page.locator('#log').getByText('no registry').waitFor();
    await page.getByText('node scripts/own-projects.mjs html').waitFor();
  }
  assert.equal(runs, 1);
  for (const page of [one, two]) {
    await page.getByRole('button', {name: 'Try again'}).click();
    await page.getByRole('heading', {name: 'Team board in plain HTML'}).waitFor();
  }
  assert.equal(runs, 2);
});

test('no other site makes this machine install anything', async t => {
  const stage = await Stage.set(t, () => assert.fail('nothing is prepared'));
  for (const headers of [{}, {'sec-fetch-site': 'cross-site'}]) {
    const response = await fetch(`${stage.url}frameworks/html/prepare`, {method: 'POST', headers});
    assert.equal(response.status, 403);
  }
});

test('templates of Angular know our events and elements, and take any property', async t => {
  await prepareApp('angular');
  const refused = async (template: string, why: RegExp) => {
    const [first = 'nothing', ...others] = await complaintsOf(template);
    assert.match(first, why);
    assert.deepEqual(others, []);
  };
  await t.test('what is right compiles', async () => {
    const status =
      '<sync-status variant="badge" details (sync-retry-request)="provider.retry($event.id)"></sync-status>';
    const inside = `{{ status(provider) }} {{ provider.state.pending }} ${status}`;
    const template = `<sync-provider #provider url="/api/sync" [paused]="true" (sync-error)="warn($event)">${inside}</sync-provider>`;
    assert.deepEqual(await complaintsOf(template), []);
  });
  await t.test('another event than the listener takes is refused', () =>
    refused('<sync-provider (sync-state-change)="warn($event)"></sync-provider>', /'SyncStateChangeEvent' is not/),
  );
  await t.test('and so are one that the element does not have', () =>
    refused('<sync-status (sync-error)="warn($event)"></sync-status>', /'Event' is not assignable/),
  );
  await t.test('another element', () =>
    refused('<sync-status #it></sync-status>{{ status(it) }}', /'SyncStatus' is not assignable/),
  );
  await t.test('and a field that the state does not have', () =>
    refused('<sync-provider #it></sync-provider>{{ it.state.pendin }}', /'pendin' does not exist on type 'SyncState'/),
  );
  await t.test('of properties it can know nothing: the guide says so', async () => {
    assert.deepEqual(await complaintsOf('<sync-status [variant]="5" [nothing]="5"></sync-status>'), []);
  });
});
