/** What a tab knows of the line that another tab holds: the leader's truth, as last announced. */
import type {Checkpoint} from '../database/database.js';
import type {Clock} from '../platform/platform.js';
import {subscriptionHash, unionOf, type Want} from '../protocol/protocol.js';
import {type ConnectionFacts, NO_CONNECTION} from '../state/state.js';
import type {Announcement} from '../tracker/tracker.js';
import {Credentials, type TokenAnswer} from './credentials.js';

/** The line as one tab sees it: what this tab wants and the rows are not of is still to come, whatever the leader says. */
export function seenWith(
  wants: readonly Want[] | undefined,
  rows: Checkpoint | undefined,
  facts: ConnectionFacts,
): ConnectionFacts {
  if (facts.phase !== 'live' || !rows?.wants) return facts;
  if (subscriptionHash(unionOf([rows.wants, wants])) === rows.subscription) return facts;
  return {...facts, phase: 'syncing'};
}

export interface LeaderViewHooks {
  /**
   * The leader has no token that the server takes, and this tab's page gave one that it has not led with; or its outbox
   * hangs, and this tab's does not.
   */
  found(): void;
  /** The leader's line is open with a token of this name: said once of each line. null: this tab leads. */
  shown(name: string | null): void;
  /** Whether this tab can read and write what the leader can't. */
  isWell(): Promise<boolean>;
  changed(): void;
}

export class LeaderView {
  readonly #seeker: Credentials | undefined;
  readonly #hooks: LeaderViewHooks;
  #facts: ConnectionFacts = NO_CONNECTION;
  #epoch = 0;
  #revision = 0;
  /** Once per time that all are signed out; from then on now and then, or when somebody asks. */
  #looked = false;
  #shown = false;
  #finding: Promise<void> | undefined;

  /** @param token asks this tab's page for a token; undefined where it can't be asked */
  constructor(clock: Clock, token: (() => Promise<TokenAnswer>) | undefined, hooks: LeaderViewHooks) {
    this.#seeker = token && new Credentials(clock, token, () => {});
    this.#hooks = hooks;
  }

  get facts(): ConnectionFacts {
    return this.#facts;
  }

  /** Another tab has led, and said so. */
  get isKnown(): boolean {
    return this.#epoch > 0;
  }

  /**
   * Whether a tab that never asked for the line should open it: it carries on what the others have.
   * @param hint what an engine before it in this page had, which counts where nobody has said anything
   */
  wants(hint: boolean | undefined): boolean {
    // Signed out is not stopped by wish: this tab may have the token that was missing.
    const open = this.#facts.phase !== 'stopped' || this.#facts.needsAuth;
    return this.#epoch > 0 || hint === undefined ? open : hint;
  }

  /** @returns undefined for old news; else whether it is of another leader than before */
  heard({epoch, rev, facts}: Extract<Announcement, {kind: 'state'}>): {isNewLeader: boolean} | undefined {
    if (epoch < this.#epoch || (epoch === this.#epoch && rev <= this.#revision)) return undefined;
    const isNewLeader = epoch > this.#epoch;
    this.#epoch = epoch;
    this.#revision = rev;
    this.#facts = facts;
    this.#seek();
    if (isNewLeader || facts.shown === null) this.#shown = false;
    if (facts.shown !== null && !this.#shown) {
      this.#shown = true;
      this.#hooks.shown(facts.shown);
    }
    if (this.#isBlocked) this.#finding ??= this.#relieve();
    return {isNewLeader};
  }

  /** What this tab knew as it stood down, until the next leader speaks. */
  inherit(facts: ConnectionFacts): void {
    this.#facts = {...facts, handover: null};
  }

  /** No leader has spoken for long: what the last one said is not so any more. */
  orphaned(): void {
    const {phase} = this.#facts;
    if (phase === 'stopped') return;
    this.#facts = {...this.#facts, phase: 'connecting', handover: null, unreachable: true};
    this.#hooks.changed();
  }

  /** Signed out, as the leader says: looks now whether this tab's page can help. */
  look(): void {
    // Where a leader is just trying, at its next word of that.
    this.#looked = this.#facts.needsAuth;
    void this.#seeker?.look();
  }

  /** This tab leads now: its connection tries what its page has. The same again would pass the line round for nothing. */
  led(): void {
    this.#seeker?.show();
    this.#seeker?.refuse();
    this.#hooks.shown(null);
    this.rest();
  }

  /** Nobody is asked for a token any more. */
  rest(): void {
    this.#seeker?.rest();
  }

  get #isBlocked(): boolean {
    return this.#facts.error?.code === 'storage-blocked';
  }

  /** Ends when it is known whether this tab can do better: not before storage lets go, where it is held for all. */
  async #relieve(): Promise<void> {
    const isWell = await this.#hooks.isWell().catch(() => false);
    this.#finding = undefined;
    if (isWell && this.#isBlocked) this.#hooks.found();
  }

  #seek(): void {
    const {needsAuth, phase} = this.#facts;
    if (phase === 'live' || phase === 'syncing') {
      // The server takes what it is given: next time it is worth a look at once again.
      this.#seeker?.accepted(undefined);
      this.#looked = false;
    }
    if (!needsAuth) return this.rest();
    this.#seeker?.seek(this.#hooks.found);
    if (!this.#looked) this.look();
  }
}
