/** What one page was shown of the rows, and so what it may be shown next: `answers.ts` judges one answer, this one all of them. */

import {LEASE} from '../../src/database/lease.js';
import type {JsonObject, Query} from '../../src/protocol/protocol.js';
import {type Lying, type Sight, sightOf, wrongCount, wrongList, wrongRow} from './answers.js';
import type {Moment} from './history.js';
import type {Tab} from './tab.js';
import {Violation} from './trace.js';

/** Milliseconds by which rows may lie behind those on the disk: for as long as a lease lasts, and what it takes to tell. */
const STALE = LEASE + 10;
/** Milliseconds for which a tab may not have heard that something is settled. */
const UNHEARD = 60_000;

export type Question =
  | {do: 'get'; type: string; id: string}
  | {do: 'list'; type: string; query: Query}
  | {do: 'count'; type: string; query: Query};

/** As things stood when the page asked. */
export interface Ask {
  database: string | undefined;
  /** Virtual time. */
  at: number;
  floor: number;
  /** Numbers of the page's own work that was pending. */
  due: ReadonlySet<number>;
  /** Of the user's own database. */
  version: number;
}

export class Readers {
  readonly #tab: Tab;
  /** The database, and the first of its moments that may still be shown. */
  #floor: {place: string; moment: number} = {place: '', moment: 0};

  constructor(tab: Tab) {
    this.#tab = tab;
  }

  ask(): Ask {
    const {databases, profile, knowledge} = this.#tab;
    const {world} = profile;
    const database = databases.only;
    const due = new Set<number>();
    if (database !== undefined) {
      this.#look(database);
      for (const {seq, id, isPending} of world.ledger.history.edits(`${profile.name} ${database}`)) {
        if (isPending && knowledge.promised.has(id)) due.add(seq);
      }
    }
    const floor = this.#floor.place === database ? this.#floor.moment : 0;
    return {database, at: world.time.now, floor, due, version: profile.own?.version ?? 0};
  }

  /** @param since how far back in virtual time the rows may lie that it is an answer to */
  answered(ask: Ask, question: Question, value: unknown, since = ask.at - STALE): void {
    const wrong = this.#judge(ask, question, value, since);
    if (wrong === undefined) return;
    throw new Violation('16 readers', `${this.#tab.name} is told, of ${JSON.stringify(question)}: ${wrong}`);
  }

  /** What is wrong, now that all is quiet, with what is still shown. */
  stale(question: Question, value: unknown): string | undefined {
    const ask = this.ask();
    const wrong = this.#judge({...ask, floor: Number.MAX_SAFE_INTEGER}, question, value, ask.at);
    return wrong && `${JSON.stringify(question)} shows ${wrong}`;
  }

  #judge(ask: Ask, question: Question, value: unknown, since: number): string | undefined {
    const {databases, profile} = this.#tab;
    const {own} = profile;
    const {database} = ask;
    if (database === undefined || databases.only !== database) return undefined;
    // While a snapshot comes into a database of the user's own, its rows show as they come.
    if (own && own.lastUnwhole >= ask.version) return undefined;
    const {moments, place} = this.#look(database);
    const edits = this.#edits(ask, database);
    const from = Math.min(ask.floor, moments.length - 1);
    let wrong: string | undefined;
    for (let index = from; index < moments.length; index++) {
      const {rows, until} = moments[index] as Moment;
      if (until < since) continue;
      // The page of a database of the user's own asks it row by row.
      const bases = own ? [rows, ...moments.slice(from).map(moment => moment.rows)] : [rows];
      wrong = wrongFor(question, sightOf(question.type, bases, edits), value, row => this.#idOf(row));
      if (wrong !== undefined) continue;
      this.#rise(place, index);
      return undefined;
    }
    return wrong;
  }

  /** No way back. */
  #rise(place: string, moment: number): void {
    if (this.#floor.place === place) this.#floor.moment = Math.max(this.#floor.moment, moment);
    else this.#floor = {place, moment};
  }

  #look(database: string): {place: string; moments: readonly Moment[]} {
    const {profile} = this.#tab;
    const {history} = profile.world.ledger;
    const place = `${profile.name} ${profile.own ? 'own' : database}`;
    if (profile.own) history.lookAtOwn(place, profile.own.state.rows);
    else history.look(place, profile.disk.stores(database));
    return {place, moments: history.moments(place)};
  }

  #edits({due}: Ask, database: string): Lying[] {
    const {profile} = this.#tab;
    const {ledger, time} = profile.world;
    const edits = [...ledger.history.edits(`${profile.name} ${database}`)].sort((a, b) => a.seq - b.seq);
    const known = edits.filter(({over}) => over > time.now - UNHEARD);
    return known.map(edit => {
      const isDue = edit.isPending && due.has(edit.seq) && !ledger.disturbed.has(`${profile.name} ${edit.key}`);
      return {...edit, isDue};
    });
  }

  /** A row that was made here has no `id` yet, and one column that nothing else has. */
  #idOf(row: JsonObject): string {
    const {name, world} = this.#tab.profile;
    if (row['id'] !== undefined) return String(row['id']);
    const made = world.ledger.operations.get(String(row[`c${name}`]));
    return made?.key.split('/')[1] ?? '';
  }
}

function wrongFor(
  question: Question,
  sight: Sight,
  value: unknown,
  idOf: (row: JsonObject) => string,
): string | undefined {
  switch (question.do) {
    case 'get':
      return wrongRow(question.id, sight, value as JsonObject | undefined);
    case 'list':
      return wrongList(question.query, sight, value as JsonObject[], idOf);
    case 'count':
      return wrongCount(question.query, sight, value as number);
  }
}
