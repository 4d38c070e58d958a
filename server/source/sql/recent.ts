/** The last few transactions, kept for the reader of new commits: it need not ask for what its source has heard of. */
import {compareLsn, type Lsn, parseLsn} from '../../../src/protocol/protocol.js';
import {type LogChunk, type LogPosition, WHOLE} from '../change-source.js';

/** Transactions kept. The reader of new commits needs the last; a few more serve one that comes a little late. */
const KEEP = 64;

export class RecentCommits {
  /** One behind the other, without a gap. */
  #chunks: LogChunk[] = [];

  clear(): void {
    this.#chunks = [];
  }

  get last(): LogChunk | undefined {
    return this.#chunks.at(-1);
  }

  /** Takes a whole transaction, or the last one again as it has become. */
  push(chunk: LogChunk): void {
    const {last} = this;
    if (last?.lsn === chunk.lsn) this.#chunks.pop();
    else if (last && !follows(last.lsn, chunk.lsn)) this.clear();
    this.#chunks.push(chunk);
    if (this.#chunks.length > KEEP) this.#chunks.shift();
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
}

/** Positions are counted, so the next one is known. */
function follows(before: Lsn, lsn: Lsn): boolean {
  return compareLsn(before, lsn) < 0 && parseLsn(lsn) === (parseLsn(before) ?? 0n) + 1n;
}
