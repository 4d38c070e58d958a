/** The stage of one run: profiles, tabs and the server, what the actions do to them, and what must hold at each step. */
import type {Action, Plan} from './actions.js';
import type {Dice} from './dice.js';
import {strikeDisk, strikeNetwork, strikeServer} from './faults.js';
import {Ledger, type Promised} from './ledger.js';
import {Oracle} from './oracle.js';
import {Profile, type Surroundings} from './profile.js';
import type {Sabotage} from './sabotage.js';
import {SimulatedServer} from './server.js';
import {Tab} from './tab.js';
import {Trace, Violation} from './trace.js';
import type {Process, VirtualTime} from './virtual-time.js';

export class World implements Surroundings {
  readonly time: VirtualTime;
  readonly random: Dice;
  readonly trace: Trace;
  readonly oracle = new Oracle();
  readonly ledger = new Ledger(this.oracle);
  readonly sabotage: Sabotage;
  readonly server: SimulatedServer;
  readonly profiles: Profile[] = [];
  failure: Error | undefined;
  #values = 0;
  #tabs = 0;
  /** Ever frozen, those included that are being closed. */
  readonly #frozen = new Set<Process>();

  constructor(time: VirtualTime, random: Dice, sabotage: Sabotage) {
    this.time = time;
    this.random = random;
    this.sabotage = sabotage;
    this.trace = new Trace(time);
    this.server = new SimulatedServer(this);
  }

  readonly fail = (error: unknown): void => {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  };

  async begin(plan: Plan): Promise<void> {
    await this.server.start();
    for (let index = 0; index < plan.profiles; index++) {
      const profile = new Profile(`p${index}`, this);
      this.profiles.push(profile);
      for (let tab = 0; tab < plan.tabs; tab++) this.openTab(profile);
      this.connect(profile);
    }
    for (const action of plan.actions) this.time.at(action.at, undefined, () => this.#act(action));
  }

  openTab(profile: Profile): Tab {
    const tab = new Tab(profile, this.#tabs++);
    profile.tabs.push(tab);
    if (profile.wanted) tab.ask({do: 'connect'});
    return tab;
  }

  /** What must hold whenever nothing is running. */
  check(): void {
    for (const [instance, count] of this.server.accepted()) {
      if (count > 1) throw new Violation('10 one socket', `${count} accepted sockets of ${instance}`);
    }
    for (const {tabs} of this.profiles) {
      for (const tab of tabs) {
        const [open] = tab.openTransactions;
        if (open && tab.process.alive) throw new Violation('storage', `${open} awaits something else than storage`);
        if (tab.state?.status !== 'synced') continue;
        const missing = this.ledger.missing(tab.promised);
        if (missing) {
          throw new Violation('13 honest', `${tab.process.name} is 'synced' without ${missing.id} on ${missing.key}`);
        }
      }
    }
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    for (const process of this.#frozen) this.time.thaw(process);
    if (!this.server.process) await this.server.start();
    for (const profile of this.profiles) {
      profile.reach = 'up';
      profile.channels.lossy = false;
      profile.disk.full = false;
      profile.disk.fault = undefined;
      profile.say(true);
      for (const link of profile.openLinks()) for (const pipe of [link.up, link.down]) pipe.stop('stalled', false);
    }
  }

  connect(profile: Profile): void {
    profile.wanted = true;
    const [tab = this.openTab(profile)] = profile.tabs;
    tab.ask({do: 'connect'});
  }

  #act(action: Action): void {
    const profile = this.profiles[action.profile % this.profiles.length];
    if (!profile || this.failure) return;
    const tab = profile.tabs[action.tab % Math.max(1, profile.tabs.length)];
    this.trace.add('—', `${action.kind} ${profile.name} ${tab?.process.name}`);
    try {
      this.#atPage(action, profile, tab);
      strikeNetwork(this, action, profile);
      strikeDisk(this, action, profile, tab);
      strikeServer(this, action);
    } catch (error) {
      this.fail(error);
    }
  }

  #atPage({kind, key, n, ms}: Action, profile: Profile, tab: Tab | undefined): void {
    if (kind === 'open-tab' && profile.tabs.length < 5) this.openTab(profile);
    if (!tab) return;
    switch (kind) {
      case 'put':
      case 'patch':
      case 'remove':
        return this.#enqueue(kind, profile, tab, key, n);
      case 'read':
        return tab.read(keyOf(profile, key));
      case 'read-pairs':
        return tab.readPairs();
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
        return this.discardFailed(tab);
      case 'visible':
        return tab.visible();
      case 'close-tab':
        profile.tabs.splice(profile.tabs.indexOf(tab), 1);
        return this.close(tab);
      case 'kill-tab':
        return tab.die();
      case 'restart-worker':
        return tab.restart();
      case 'freeze':
        return this.freeze(tab, ms);
    }
  }

  discardFailed(tab: Tab): void {
    for (const op of this.ledger.operations.values()) {
      if (op.profile === tab.profile.name && op.failed) op.discarded = true;
    }
    tab.ask({do: 'discard', operation: null});
  }

  close(tab: Tab): void {
    const {process, profile} = tab;
    tab.ask({do: 'cleanup'}, () => {
      // A lock that was on its way as it was asked to go comes, and is given back.
      this.time.at(100, undefined, () => {
        const left = [...profile.locks.heldBy(process)];
        if (profile.channels.openOf(process) > 0) left.push('a channel');
        if (profile.openLinks(process).length > 0) left.push('a socket');
        if (left.length > 0) this.fail(new Violation('14 cleanup', `${process.name} leaves ${left.join(', ')}`));
        tab.die();
      });
    });
  }

  freeze(tab: Tab, ms: number): void {
    const {process} = tab;
    process.frozen = true;
    this.#frozen.add(process);
    this.time.at(ms, undefined, () => this.time.thaw(process));
  }

  #enqueue(kind: 'put' | 'patch' | 'remove', profile: Profile, tab: Tab, key: number, n: number): void {
    const id = `v${++this.#values}`;
    const own = kind === 'remove' ? `task/${profile.name}-${key % 2}` : keyOf(profile, key);
    const op: Promised = {
      id,
      profile: profile.name,
      key: own,
      kind,
      accepted: false,
      seq: undefined,
      discarded: false,
      failed: false,
      seenBack: false,
    };
    const whim = n % 20 === 0 ? {whim: 'poison'} : n % 20 === 1 ? {whim: 'flaky'} : {};
    const payload = kind === 'remove' ? undefined : {[`c${profile.name}`]: id, ...whim};
    tab.enqueue(op, payload, n % 7 === 0 ? 5 : 0);
  }
}

/** Half of the keys are shared by all profiles; each writes a column of its own. The others one profile has to itself. */
function keyOf(profile: Profile, key: number): string {
  return key % 2 ? `task/s${key % 3}` : `task/${profile.name}-${key % 4 === 0 ? 0 : 1}`;
}
