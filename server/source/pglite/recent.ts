/**
 * The last few transactions, as NOTIFY told of them: a small one travels in the notification itself, so that whoever
 * follows need not ask for it again, which took most of the time between a commit and its being sent.
 *
 * The payloads of one transaction, `position` and what follows it: its mark, first and always; then, after each
 * statement that changed rows, '=' and all its log lines so far, or once '!' where those no longer fit. They come in one
 * burst, without a turn between them (PGlite queues a microtask for each while it takes the answer apart), and those of a
 * savepoint that was rolled back never come: so the last is the whole.
 */
import {compareLsn, type Lsn, parseLsn} from '../../../src/protocol/protocol.js';
import {type LogChange, type LogChunk, type LogPosition, WHOLE} from '../change-source.js';
import {fromNumber, parseLine} from './log.js';
import type {PgTable} from './table.js';

/** Transactions kept. The reader of new commits needs the last; a few more serve one that comes a little late. */
const KEEP = 64;

const PAYLOAD = /^(\d+) (?:(?<mark>[0-9a-f]{32})|=(?<lines>.*)|!)$/s;

export class RecentCommits {
  /** One behind the other, without a gap. */
  #chunks: LogChunk[] = [];

  clear(): void {
    this.#chunks = [];
  }

  /** The new head, where the payload is the first one of a transaction. */
  hear(payload: string, tables: ReadonlyMap<string, PgTable>): {lsn: Lsn; mark: string} | undefined {
    const found = PAYLOAD.exec(payload);
    if (!found) return undefined;
    const lsn = fromNumber(found[1] ?? '0');
    const {mark, lines} = found.groups ?? {};
    const last = this.#chunks.at(-1);
    if (mark !== undefined) {
      if (last && !follows(last.lsn, lsn)) this.clear();
      this.#push(lsn, mark, []);
      return {lsn, mark};
    }
    if (last?.lsn !== lsn) return undefined;
    if (lines === undefined) this.clear();
    else {
      this.#chunks.pop();
      const changes = lines.split('\x1e').map(line => parseLine(line, tables).change);
      this.#push(lsn, last.mark, changes);
    }
    return undefined;
  }

  /** As `ChangeSource.read`; undefined where the log has to be asked. */
  read(after: LogPosition, maxBytes: number): LogChunk[] | undefined {
    if (after.seq !== WHOLE) return undefined;
    const from = this.#chunks.findIndex(chunk => follows(after.lsn, chunk.lsn));
    if (from < 0) return undefined;
    let bytes = 0;
    const end = this.#chunks.findIndex((chunk, index) => {
      if (index >= from) bytes += chunk.changes.reduce((sum, change) => sum + change.text.length, 0);
      return index > from && bytes > maxBytes;
    });
    return this.#chunks.slice(from, end < 0 ? undefined : end);
  }

  #push(lsn: Lsn, mark: string, changes: readonly LogChange[]): void {
    this.#chunks.push({lsn, mark, changes, complete: true, end: {lsn, seq: WHOLE}});
    if (this.#chunks.length > KEEP) this.#chunks.shift();
  }
}

/** Positions are counted, so the next one is known. */
function follows(before: Lsn, lsn: Lsn): boolean {
  return compareLsn(before, lsn) < 0 && parseLsn(lsn) === (parseLsn(before) ?? 0n) + 1n;
}
