/** What people do at the pages, action by action, and what the browser does to a tab. */
import type {Action} from './actions.js';
import type {Promised} from './ledger.js';
import type {Profile} from './profile.js';
import {queryOf} from './queries.js';
import {durableOf, foldJournal} from './replica-fold.js';
import type {Tab} from './tab.js';
import {Violation} from './trace.js';
import type {World} from './world.js';

export function actAtPage(world: World, action: Action, profile: Profile, tab: Tab | undefined): void {
  const {kind, key, n, ms} = action;
  if (kind === 'open-tab' && profile.tabs.length < Math.max(5, world.mostTabs)) world.openTab(profile);
  if (kind === 'kill-leader') profile.tabs.find(({state}) => state?.role === 'leader')?.die();
  if (kind === 'login') logIn(world, profile, n);
  if (!tab) return;
  // A page that is logging somebody out does not ask for the line in the same breath: that would be a login.
  if (profile.isLeaving && (kind === 'connect' || kind === 'force')) return;
  switch (kind) {
    case 'put':
    case 'patch':
    case 'remove':
      return enqueue(world, tab, writeOf(profile, action));
    case 'read':
      return tab.reads.get(keyOf(profile, key));
    case 'read-pairs':
      return tab.reads.list('pair');
    case 'read-own':
      return tab.reads.list('own');
    case 'query':
    case 'watch': {
      const {type, query} = queryOf(profile.name, key * 1000 + n);
      if (kind === 'watch') return tab.reads.watch(type, query);
      return n % 4 ? tab.reads.list(type, query) : tab.reads.count(type, query);
    }
    case 'unwatch':
      return tab.reads.unwatch();
    case 'connect':
      profile.wanted = true;
      return tab.ask({do: 'connect'});
    case 'disconnect':
      profile.wanted = false;
      return tab.ask({do: 'disconnect', graceful: n % 2 === 0});
    case 'force':
      return tab.ask({do: 'forceConnect'});
    case 'resync':
      return tab.ask({do: 'resync'});
    case 'retry':
      return tab.ask({do: 'retry', operation: null});
    case 'discard':
      return discardFailed(world, tab);
    case 'visible':
      return tab.tell({kind: 'visible'});
    case 'close-tab':
      profile.tabs.splice(profile.tabs.indexOf(tab), 1);
      return close(world, tab);
    case 'kill-tab':
      return tab.die();
    case 'restart-worker':
      return tab.restart();
    case 'freeze':
      // A browser mostly says so before: then the page ends its worker, and has another when it is thawed.
      if (n % 2) return tab.restart();
      if (profile.own && n % 4 === 2) profile.own.fault = {n: 1, kind: n % 8 === 2 ? 'late' : 'freeze', ms};
      else world.time.at(2, tab.process, () => freeze(world, tab, ms));
      return;
    case 'mute':
      tab.mute = true;
      if (profile.own) profile.own.fault = {n: 1, kind: 'hang', ms};
      world.time.at(ms, undefined, () => {
        tab.mute = false;
      });
      return;
    case 'logout':
      return logOut(world, profile, tab, n);
  }
}

export function discardFailed(world: World, tab: Tab): void {
  for (const op of world.ledger.operations.values()) {
    if (op.profile === tab.profile.name && op.failures > 0) op.discarded = true;
  }
  // What fails until it is done is dropped as well.
  const {forgiving} = world.ledger;
  forgiving.push(tab.profile.name);
  const over = () => void forgiving.splice(forgiving.indexOf(tab.profile.name), 1);
  tab.ask({do: 'discard', operation: null}, over, over);
}

/** A page that is closed in peace: nothing of it may be left. */
export function close(world: World, tab: Tab): void {
  const {process, profile, host} = tab;
  tab.closing = true;
  tab.ask({do: 'cleanup'}, () => {
    tab.endDatabase();
    // A lock that was on its way as it was asked to go comes, and is given back.
    world.time.at(100, undefined, () => {
      const left = profile.locks.of(process);
      // Its own database stays locked until what is on its way into it is there.
      if (!profile.own?.landing.has(tab.page)) left.push(...profile.locks.of(tab.page));
      if (profile.channels.openOf(process) > 0) left.push('a channel');
      if (profile.openLinks(process).length > 0) left.push('a socket');
      if (host.timers > 0) left.push(`${host.timers} timers`);
      if (host.listeners > 0) left.push(`${host.listeners} listeners`);
      if (host.databases.handles.size > 0) left.push(`${host.databases.handles.size} open databases`);
      if (left.length > 0) world.fail(new Violation('14 cleanup', `${process.name} leaves ${left.join(', ')}`));
      tab.die();
    });
  });
}

export function freeze(world: World, tab: Tab, ms: number): void {
  if (world.isHealed) return;
  const {process, page} = tab;
  process.frozen = true;
  page.frozen = true;
  world.frozen.add(tab);
  world.time.at(ms, undefined, () => thaw(world, tab));
}

export function thaw(world: World, tab: Tab): void {
  world.frozen.delete(tab);
  if (tab.page.frozen) world.time.thaw(tab.page);
  if (!tab.process.frozen) return;
  tab.awakeSince = world.time.now;
  world.time.thaw(tab.process);
}

/** Another user, or the same one again, as soon as nobody is logged in. */
function logIn(world: World, profile: Profile, n: number): void {
  const user = world.users[n % Math.max(1, world.users.length)];
  if (user === undefined || profile.user !== undefined) return;
  profile.logIn(user);
  world.connect(profile);
}

const UNSENT = ['flush', 'keep', 'keep', 'discard'] as const;

function logOut(world: World, profile: Profile, tab: Tab, n: number): void {
  const {user} = profile;
  if (profile.isLeaving || (world.auth && user === undefined)) return;
  const unsent = UNSENT[n % 4] ?? 'keep';
  const open = tab.databases.only;
  // In a tab that has not heard yet of a logout that keeps the rows, there is nobody left to log out.
  const database = open === undefined || profile.disk.isKept(open) ? undefined : open;
  const {forgiving} = world.ledger;
  if (unsent === 'discard') forgiving.push(profile.name);
  profile.isLeaving = true;
  const {wanted} = profile;
  profile.wanted = false;
  const over = () => {
    profile.isLeaving = false;
    profile.wanted = wanted;
    if (unsent === 'discard') forgiving.splice(forgiving.indexOf(profile.name), 1);
  };
  const wipe = n % 3 > 0;
  tab.ask(
    {do: 'logout', unsent, wipe, timeout: 20_000},
    () => {
      over();
      profile.wanted = false;
      profile.user = undefined;
      if (!wipe) return;
      if (user !== undefined) profile.readable.delete(user);
      if (unsent !== 'keep') checkWiped(profile, database);
    },
    over,
  );
}

/** As the page is told that all is gone. */
function checkWiped(profile: Profile, database: string | undefined): void {
  const {own} = profile;
  if (own && database !== undefined && (own.state.rows.size > 0 || own.state.checkpoint?.at)) {
    throw new Violation('15 logout', `the user's own database of ${profile.name} still holds rows`);
  }
  const stores = profile.disk.clients().find(([name]) => name === database)?.[1];
  if (!stores || (foldJournal(stores).size === 0 && !durableOf(stores).checkpoint)) return;
  throw new Violation('15 logout', `${database} of ${profile.name} still holds rows`);
}

/** Somebody writes one row of their own. */
export function put(world: World, tab: Tab): void {
  enqueue(world, tab, {kind: 'put', key: `task/${tab.profile.name}-0`});
}

interface Write {
  kind: 'put' | 'patch' | 'remove';
  key: string;
  whim?: 'poison' | 'flaky' | undefined;
  priority?: number;
}

function enqueue(world: World, tab: Tab, {kind, key, whim, priority = 0}: Write): void {
  const {name} = tab.profile;
  const op: Promised = {
    id: world.freshValue(),
    profile: name,
    key,
    kind,
    accepted: false,
    database: undefined,
    seq: undefined,
    discarded: false,
    failures: 0,
    seenBack: false,
  };
  const payload = kind === 'remove' ? undefined : {[`c${name}`]: op.id, ...(whim ? {whim} : {})};
  tab.enqueue(op, payload, priority);
}

function writeOf(profile: Profile, {kind, key, n}: Action): Write {
  const priority = n % 7 === 0 ? 5 : 0;
  if (kind === 'remove') return {kind, key: `task/${profile.name}-${key % 2}`, priority};
  const whim = n % 20 === 0 ? 'poison' : n % 20 === 1 ? 'flaky' : undefined;
  return {kind: kind === 'patch' ? kind : 'put', key: keyOf(profile, key), whim, priority};
}

/** Half of the keys are shared by all profiles; each writes a column of its own. The others one profile has to itself. */
function keyOf(profile: Profile, key: number): string {
  return key % 2 ? `task/s${key % 3}` : `task/${profile.name}-${key % 4 === 0 ? 0 : 1}`;
}
