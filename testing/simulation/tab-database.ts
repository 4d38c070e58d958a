/** What a page does for a database of its user's own: the real desk for each engine that comes to run, on its own connection. */
import {OwnDesk} from '../../src/database/own-desk.js';
import type {DatabaseAnswer, DatabaseAsk, EngineConfig} from '../../src/protocol/protocol.js';
import {OwnPage} from './own-page.js';
import type {OwnStore} from './own-store.js';
import type {Profile} from './profile.js';
import type {Tab} from './tab.js';

export const OWN_CONFIG: Pick<EngineConfig, 'database' | 'own'> = {
  database: JSON.stringify(['own', '']),
  own: {scope: 'origin', clears: true},
};

export class TabDatabase {
  readonly #profile: Profile;
  readonly #tab: Tab;
  readonly #database: OwnPage;
  #desk: OwnDesk | undefined;

  constructor(tab: Tab, store: OwnStore) {
    this.#tab = tab;
    this.#profile = tab.profile;
    const {time, random, freeze} = this.#profile.world;
    const kill = () => tab.die();
    this.#database = new OwnPage({time, random, store, page: tab.page, kill, freeze: ms => freeze(tab, ms)});
  }

  /** Another engine runs. */
  begin(post: (answer: DatabaseAnswer) => void): void {
    this.close();
    const {world, locks} = this.#profile;
    const database = world.sabotage.own?.(this.#database) ?? this.#database;
    this.#desk = new OwnDesk(database, locks.port(this.#tab.page), post);
  }

  hear(ask: DatabaseAsk): void {
    void this.#desk?.hear(ask);
  }

  close(): void {
    this.#desk?.close();
  }
}
