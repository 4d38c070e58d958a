/** What breaks outside the pages, action by action: the network, the disk, the server. */
import type {Action} from './actions.js';
import {recordsOf} from './ledger.js';
import {freeze} from './people.js';
import type {Profile} from './profile.js';
import {type Columns, drawRows, hugeRows, type RowWrite} from './server-rows.js';
import type {Tab} from './tab.js';
import type {World} from './world.js';

export function strikeNetwork(world: World, {kind, n, ms}: Action, profile: Profile): void {
  const links = profile.openLinks();
  const later = (run: () => void) => world.time.at(ms, undefined, run);
  switch (kind) {
    case 'reset':
      for (const link of links) link.reset();
      return;
    case 'half-open':
      for (const link of links) link.halfOpen();
      return;
    case 'stall-up':
    case 'stall-down':
      for (const link of links) {
        const pipe = kind === 'stall-up' ? link.up : link.down;
        pipe.stop('stalled', true);
        later(() => pipe.stop('stalled', false));
      }
      return;
    case 'slow':
      for (const link of links) {
        link.down.rate = n / 10;
        link.up.rate = n / 20;
        later(() => {
          link.down.rate = undefined;
          link.up.rate = undefined;
        });
      }
      return;
    case 'ack-lost':
      for (const link of links) link.breakBefore = 'operation_ack';
      return;
    case 'offline':
    case 'offline-silent': {
      profile.reach = kind === 'offline' ? 'refused' : 'silent';
      for (const link of links) kind === 'offline' ? link.reset() : link.halfOpen();
      // The browser may not have noticed.
      if (n % 3 > 0) profile.say(false);
      later(() => {
        profile.reach = 'up';
        if (n % 5 > 0) profile.say(true);
      });
      return;
    }
    case 'say-offline':
      return profile.say(!profile.online);
    case 'lose':
      for (const link of links) link.losing += 1 + (n % 3);
      return;
    case 'duplicate':
      for (const link of links) link.duplicate(1 + (n % 30), n % 3);
      return;
    case 'lossy':
      profile.channels.lossy = true;
      later(() => {
        profile.channels.lossy = false;
      });
  }
}

/** What a fault of the disk is to a database of the user's own. */
const OF_OWN = {'crash-before': 'kill-before', 'crash-after': 'kill-after', abort: 'reject', quota: 'quota'} as const;

export function strikeDisk(world: World, {kind, n, ms}: Action, profile: Profile, tab: Tab | undefined): void {
  switch (kind) {
    case 'crash-before':
    case 'crash-after':
    case 'abort':
    case 'quota':
      if (profile.own && n % 2) profile.own.fault = {n: 1 + (n % 12), kind: OF_OWN[kind], ms};
      else profile.disk.fault = {n: 1 + (n % 40), kind};
      return;
    case 'full':
      profile.fill(true);
      world.time.at(ms, undefined, () => {
        profile.fill(false);
      });
      return;
    case 'power-loss':
      for (const each of [...profile.tabs]) each.die();
      profile.disk.losePower(n % 8);
      world.ledger.survived(profile.name, profile.disk.all());
      return openLater(world, profile, ms);
    case 'lock-lost':
      // Its browser forgets that a tab that stands still is the leader: the fence alone is left.
      if (!tab) return;
      freeze(world, tab, ms);
      return profile.locks.release(tab.process, '/leader');
    case 'evict':
      // Mostly a browser does it to sites that are not open; a person clears what they like.
      if (n % 3) for (const each of [...profile.tabs]) each.die();
      profile.disk.databases.clear();
      profile.own?.evict();
      for (const handle of profile.disk.handles) world.time.at(n % 50, handle.tab, () => handle.closedByBrowser());
      world.ledger.evicted(profile.name);
      for (const each of profile.tabs) each.knowledge.forget();
      return openLater(world, profile, ms);
    case 'version-change':
      for (const handle of profile.disk.handles) world.time.at(0, handle.tab, () => handle.versionChange(2));
      return;
    case 'copy-profile':
      return copyProfile(world, profile);
    case 'clock-jump':
      profile.wallOffset += (n % 2 ? 1 : -1) * (1 + (n % 8)) * 3_600_000;
      return;
    case 'sleep':
      return sleep(profile, n);
  }
}

function openLater(world: World, profile: Profile, ms: number): void {
  world.time.at(ms, undefined, () => {
    if (!world.isHealed) world.openTab(profile);
  });
}

/** Neither copy can know what the other sends: one with work in hand would do it twice, and no server could tell. */
function copyProfile(world: World, profile: Profile): void {
  const records = profile.disk.all().flatMap(stores => [...recordsOf(stores).values()]);
  if (world.profiles.length > 4 || records.some(({stage}) => stage !== 'done')) return;
  const copy = world.addProfile(profile);
  world.connect(copy);
}

/** The laptop was shut: the wall clock went on, the other one in some browsers, and nothing was heard meanwhile. */
function sleep(profile: Profile, n: number): void {
  const hours = (1 + (n % 8)) * 3_600_000;
  profile.wallOffset += hours;
  if (n % 2) profile.runningOffset += hours;
  if (n % 3 > 0) for (const link of profile.openLinks()) link.halfOpen();
}

/** Rows that are only ever written together. */
export function tick({time}: World): RowWrite[] {
  return ['a', 'b'].map(id => ['pair', id, {t: time.steps}]);
}

export function strikeServer(world: World, {kind, key, n, ms}: Action): void {
  const {server} = world;
  const at = world.time.steps;
  const done = (work: Promise<void>) => void work.catch(error => world.fail(error));
  switch (kind) {
    case 'server-write':
      return done(server.write(tick(world)));
    case 'server-big': {
      const blob = 'x'.repeat(70_000);
      return done(
        server.write([
          ['pair', 'a', {t: at}],
          ['pair', 'y', {blob, t: at}],
          ['pair', 'z', {blob, t: at}],
          ['pair', 'b', {t: at}],
        ]),
      );
    }
    case 'server-rows': {
      const owners = world.auth ? [] : ['ann', 'bob', 'anonymous'];
      const {rows} = world.oracle.head;
      const read = (table: string, id: string) => JSON.parse(rows.get(`${table}/${id}`) ?? 'null') as Columns | null;
      return done(server.write(drawRows(key * 1000 + n, owners, read)));
    }
    case 'server-huge':
      return done(server.write(hugeRows(key * 1000 + n)));
    case 'server-edit':
      return done(server.write([['task', `s${key % 3}`, {h: at}]]));
    case 'server-own':
      return done(
        server.write(
          (world.auth ? world.users : ['anonymous']).map(user => ['own', `${user}-${key % 3}`, {owner: user, t: at}]),
        ),
      );
    case 'server-restart':
      server.crash();
      return startServer(world, ms);
    case 'backup':
      return server.backup();
    case 'restore':
      if (server.backups.length === 0) return;
      server.restore(n % server.backups.length);
      return startServer(world, ms);
    case 'rotate':
      server.rotate();
      return startServer(world, ms);
    case 'trim':
      return done(server.trim(n % 10));
  }
}

function startServer(world: World, ms: number): void {
  world.time.at(ms, undefined, () => {
    if (!world.server.process) void world.server.start().catch(error => world.fail(error));
  });
}
