/** The stage of one run: profiles, tabs and the server, what the actions do to them, and how all is made well again. */
import type {Action, Plan} from './actions.js';
import type {Cross} from './crossings.js';
import type {Dice} from './dice.js';
import {strikeDisk, strikeNetwork, strikeServer, tick} from './faults.js';
import {checkAlways} from './invariants.js';
import {Ledger} from './ledger.js';
import {writeToken} from './login.js';
import {Oracle} from './oracle.js';
import type {OwnKind} from './own-store.js';
import {actAtPage, freeze, thaw} from './people.js';
import {Profile, type Surroundings} from './profile.js';
import type {Sabotage} from './sabotage.js';
import {SimulatedServer} from './server.js';
import {Tab} from './tab.js';
import {Trace} from './trace.js';
import type {VirtualTime} from './virtual-time.js';
import type {Wants} from './wishes.js';

export interface Setting {
  time: VirtualTime;
  random: Dice;
  sabotage: Sabotage;
  cross: Cross;
  patient: boolean;
  own: OwnKind | undefined;
  window: number | undefined;
  terse: boolean;
  users: readonly string[];
  tokenLife: number;
  wishes: (tab: number) => Wants;
}

export class World implements Surroundings {
  readonly time: VirtualTime;
  readonly random: Dice;
  readonly trace: Trace;
  readonly oracle = new Oracle();
  readonly ledger = new Ledger(this.oracle, () => this.time.now);
  readonly sabotage: Sabotage;
  readonly cross: Cross;
  readonly patient: boolean;
  readonly own: OwnKind | undefined;
  readonly window: number | undefined;
  readonly terse: boolean;
  readonly users: readonly string[];
  readonly server: SimulatedServer;
  readonly profiles: Profile[] = [];
  /** Tabs that stand still, those included that are being closed. */
  readonly frozen = new Set<Tab>();
  mostTabs = 0;
  /** Nothing more happens but by itself. */
  isHealed = false;
  wishes: (tab: number) => Wants;
  failure: Error | undefined;
  /** Milliseconds for which a token is good. */
  readonly #tokenLife: number;
  #values = 0;
  #tabs = 0;

  constructor({time, random, sabotage, cross, patient, own, window, terse, users, tokenLife, wishes}: Setting) {
    this.time = time;
    this.random = random;
    this.sabotage = sabotage;
    this.cross = cross;
    this.patient = patient;
    this.own = own;
    this.window = window;
    this.terse = terse;
    this.ledger.hasOwn = own !== undefined;
    this.users = users;
    this.wishes = wishes;
    this.#tokenLife = tokenLife;
    this.trace = new Trace(time);
    this.server = new SimulatedServer(this);
  }

  /** Whether clients need a token. */
  get auth(): boolean {
    return this.users.length > 0;
  }

  readonly fail = (error: unknown): void => {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
  };

  async begin({profiles, tabs, actions}: Pick<Plan, 'profiles' | 'tabs' | 'actions'>): Promise<void> {
    await this.server.start();
    this.mostTabs = tabs;
    for (let index = 0; index < profiles; index++) {
      const profile = this.addProfile();
      for (let tab = 0; tab < tabs; tab++) this.openTab(profile);
      this.connect(profile);
    }
    for (const action of actions) this.time.at(action.at, undefined, () => this.#act(action));
  }

  addProfile(copied?: Profile): Profile {
    const {length} = this.profiles;
    const profile = new Profile(`p${length}`, this, copied);
    const user = this.users[length % Math.max(1, this.users.length)];
    if (user === undefined) profile.readable.add('anonymous');
    else if (!copied) profile.logIn(user);
    this.profiles.push(profile);
    return profile;
  }

  openTab(profile: Profile): Tab {
    const tab = new Tab(profile, this.#tabs++);
    profile.tabs.push(tab);
    if (profile.wanted) tab.ask({do: 'connect'});
    return tab;
  }

  connect(profile: Profile): void {
    profile.wanted = true;
    const [tab = this.openTab(profile)] = profile.tabs;
    tab.ask({do: 'connect'});
  }

  readonly freeze = (tab: Tab, ms: number): void => freeze(this, tab, ms);

  freshValue(): string {
    return `v${++this.#values}`;
  }

  /** What a page's login service has for who is logged in. */
  token({user}: Profile): string | undefined {
    return user === undefined ? undefined : writeToken(user, this.time.now + this.#tokenLife);
  }

  /** Faults of storage that found something to strike. */
  get struck(): number {
    return this.profiles.reduce((sum, {disk, own}) => sum + disk.struck + (own?.struck ?? 0), 0);
  }

  /** What must hold whenever nothing is running. */
  check(): void {
    checkAlways(this);
  }

  /** Everything works again. */
  async heal(): Promise<void> {
    this.isHealed = true;
    for (const tab of this.frozen) thaw(this, tab);
    if (!this.server.process) await this.server.start();
    for (const profile of this.profiles) {
      profile.reach = 'up';
      profile.channels.lossy = false;
      profile.fill(false);
      profile.disk.fault = undefined;
      if (profile.own) profile.own.fault = undefined;
      for (const tab of profile.tabs) tab.mute = false;
      profile.say(true);
      for (const link of profile.openLinks()) {
        for (const pipe of [link.up, link.down]) {
          pipe.stop('stalled', false);
          pipe.rate = undefined;
        }
        link.breakBefore = undefined;
        link.losing = 0;
      }
    }
    // Whoever lost the very last frame hears of it with the next one.
    if (this.profiles.some(({links}) => links.some(({lost}) => lost > 0))) await this.server.write(tick(this));
  }

  /** Everybody is there again. */
  gather(): void {
    const [user] = this.users;
    for (const profile of this.profiles) {
      if (user !== undefined && profile.user === undefined) profile.logIn(user);
      this.connect(profile);
      // One switch for each local database: a tab that missed its user's logout may have one of its own.
      const [first, ...others] = profile.tabs;
      const apart = others.filter(({databases}) => databases.only !== first?.databases.only);
      for (const tab of apart) tab.ask({do: 'connect'});
    }
  }

  #act(action: Action): void {
    const profile = this.profiles[action.profile % this.profiles.length];
    if (!profile || this.failure) return;
    const tab = profile.tabs[action.tab % Math.max(1, profile.tabs.length)];
    this.trace.add('—', `${action.kind} ${profile.name} ${tab?.name}`);
    try {
      actAtPage(this, action, profile, tab);
      strikeNetwork(this, action, profile);
      strikeDisk(this, action, profile, tab);
      strikeServer(this, action);
    } catch (error) {
      this.fail(error);
    }
  }
}
