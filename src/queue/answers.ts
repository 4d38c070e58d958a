/**
 * What the server says of operations, and how far its rows reach, made to stand in the outbox: whatever comes while one
 * write runs is settled together in the next.
 */
import {Pace} from '../platform/pace.js';
import type {Clock} from '../platform/platform.js';
import type {OperationAckFrame, OperationNackFrame} from '../protocol/protocol.js';
import type {DeadLetters} from './dead-letters.js';
import type {Outbox} from './outbox.js';
import {hasReached, type Reach} from './overlay.js';
import type {Change, OutboxRecord} from './queue.js';
import {applied, done, refused, sentAgain} from './records.js';
import type {Sending} from './sending.js';
import {Turns} from './turns.js';

/** How many settled operations are remembered, and for how long: an answer that came while no page listened is not lost. */
const REMEMBERED = {count: 1000, milliseconds: 7 * 24 * 3_600_000};
/** Milliseconds from one write to the next while a crowd of answers comes: each costs about the same, however many it holds. */
const CROWD_EVERY = 50;

type Answer = OperationAckFrame | OperationNackFrame;

export class Answers {
  readonly #outbox: Outbox;
  readonly #sending: Sending;
  readonly #deadLetters: DeadLetters;
  readonly #clock: Clock;
  readonly #changed: (seqs: readonly number[]) => void;
  readonly #pace: Pace;
  readonly #turns: Turns;
  /** By the operation's id: however often it is answered, it waits once. */
  #waiting = new Map<string, {answer: Answer; land: () => void}>();
  #reach: Reach | undefined;

  constructor(
    outbox: Outbox,
    sending: Sending,
    deadLetters: DeadLetters,
    clock: Clock,
    changed: (seqs: readonly number[]) => void,
  ) {
    this.#outbox = outbox;
    this.#sending = sending;
    this.#deadLetters = deadLetters;
    this.#clock = clock;
    this.#changed = changed;
    this.#pace = new Pace(clock, CROWD_EVERY);
    this.#turns = new Turns(
      () => this.#settle(),
      () => (sending.isCrowd ? this.#pace.turn() : undefined),
    );
  }

  /** The first answer on a connection counts; an ack does at any time. Resolves when it stands. */
  take(answer: Answer): Promise<void> {
    const flight = this.#sending.answer(answer.id);
    if (!flight && !this.#changes(answer)) return Promise.resolve();
    // It goes out again, if at all, only when this stands: before that it would be taken for unanswered.
    this.#waiting.set(answer.id, {answer, land: () => flight && this.#sending.land(answer.id, flight)});
    return this.#turns.join();
  }

  /** The rows reach so far, durably: what the server applied up to there is done. */
  reached(reach: Reach): Promise<void> {
    this.#reach = reach;
    return this.#turns.join();
  }

  /** What came on a connection that is gone and was not settled yet is asked for again. */
  drop(): void {
    this.#waiting = new Map();
    this.#pace.hurry();
  }

  /** The server's history may be another one: what it applied and we have not seen goes out again. */
  async historyChanged(): Promise<void> {
    await this.#turns.join();
    // How far the rows reached says nothing of that one.
    this.#reach = undefined;
    this.#changed(await this.#outbox.update([...this.#outbox.index.stage('applied').keys()], sentAgain));
  }

  /** Whether an answer to nothing that is under way says something: of what nobody knows, or knows already, it does not. */
  #changes(answer: Answer): boolean {
    if (answer.type === 'operation_nack' || this.#waiting.has(answer.id)) return false;
    const {record} = this.#outbox.find(answer.id) ?? {};
    return record !== undefined && applied(record, answer) !== record;
  }

  async #settle(): Promise<void> {
    const waiting = [...this.#waiting.values()];
    this.#waiting = new Map();
    try {
      await this.#write(waiting.map(({answer}) => answer));
    } finally {
      for (const {land} of waiting) land();
    }
  }

  async #write(answers: readonly Answer[]): Promise<void> {
    const reach = this.#reach;
    const now = this.#clock.now();
    const {index} = this.#outbox;
    const changes = new Map<number, Change>();
    for (const answer of answers) {
      for (const [seq, next] of this.#changesOf(answer)) {
        const first = changes.get(seq) ?? same;
        changes.set(seq, record => next(first(record)));
      }
    }
    for (const [seq, record] of index.stage('applied')) {
      if (hasReached(reach, record) && !changes.has(seq)) changes.set(seq, same);
    }
    const change = (record: OutboxRecord, seq: number) => {
      const after = changes.get(seq)?.(record);
      return after && hasReached(reach, after) ? done(after, now) : after;
    };
    const stages = [...changes.keys()].flatMap(seq => {
      const record = index.records.get(seq);
      return record ? [change(record, seq)?.stage] : [];
    });
    const ending = stages.filter(stage => stage === 'done').length;
    const seqs = await this.#outbox.update([...this.#outlived(ending, now), ...changes.keys()], change, {
      // The server is told what is settled, and a power loss must not bring it back as unsettled.
      durability: ending > 0 || stages.includes('failed') ? 'strict' : 'relaxed',
    });
    this.#changed(seqs);
  }

  /** Settled ones that are to be forgotten, when so many more come. */
  #outlived(more: number, now: number): number[] {
    const done = this.#outbox.index.stage('done');
    let tooMany = done.size + more - REMEMBERED.count;
    const forgotten: number[] = [];
    // The oldest first, and no further than the first one that stays.
    for (const [seq, {endedAt = 0}] of done) {
      if (tooMany-- <= 0 && now - endedAt < REMEMBERED.milliseconds) break;
      forgotten.push(seq);
    }
    return forgotten;
  }

  #changesOf(answer: Answer): readonly (readonly [seq: number, change: Change])[] {
    const found = this.#outbox.find(answer.id);
    if (!found) return [];
    const {seq, record} = found;
    if (answer.type === 'operation_ack') return [[seq, each => applied(each, answer)]];
    const {id, code, message, row, retryable, retryAfter} = answer;
    if (!retryable) return this.#deadLetters.setAside(id, {error: {code, message}, ...(row ? {row} : {})});
    const [head] = this.#outbox.index.lane(record.key)?.keys() ?? [];
    // Behind one that is tried again it goes out together with that one, and was itself not refused.
    if (code === 'blocked' && head !== seq) return [];
    this.#sending.hold(id, retryWait(record.attempts, retryAfter));
    return [[seq, refused]];
  }
}

/** The server's word counts, but not one by which the same operation would go to and fro as fast as the line allows. */
function retryWait(attempts: number, asked: number | undefined): number {
  return Math.max(asked ?? 500 * 2 ** (attempts + 1), Math.min(60_000, 2 ** attempts));
}

const same: Change = record => record;
