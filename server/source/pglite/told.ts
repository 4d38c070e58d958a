/**
 * A commit as NOTIFY tells of it: a small one travels in the notification itself, so that whoever follows need not ask for
 * it again, which took most of the time between a commit and its being sent.
 *
 * The payloads of one transaction, `position` and what follows it: its mark, first and always; then, after each
 * statement that changed rows, '=' and all its log lines so far, or once '!' where those no longer fit. They come in one
 * burst, without a turn between them (PGlite queues a microtask for each while it takes the answer apart), and those of a
 * savepoint that was rolled back never come: so the last is the whole. Over a wire none of this would hold.
 */
import {type Position, WHOLE} from '../change-source.js';
import {fromNumber, parseLine} from '../sql/log.js';
import type {RecentCommits} from '../sql/recent.js';
import type {PgTable} from '../sql/table.js';

const PAYLOAD = /^(\d+) (?:(?<mark>[0-9a-f]{32})|=(?<lines>.*)|!)$/s;

/** The new head, where the payload is the first one of a transaction. */
export function hear(
  payload: string,
  recent: RecentCommits,
  tables: ReadonlyMap<string, PgTable>,
): Position | undefined {
  const found = PAYLOAD.exec(payload);
  if (!found) return undefined;
  const lsn = fromNumber(found[1] ?? '0');
  const {mark, lines} = found.groups ?? {};
  const whole = {complete: true, end: {lsn, seq: WHOLE}};
  if (mark !== undefined) {
    recent.push({lsn, mark, changes: [], ...whole});
    return {lsn, mark};
  }
  const {last} = recent;
  if (last?.lsn !== lsn) return undefined;
  if (lines === undefined) recent.clear();
  else {
    const changes = lines.split('\x1e').map(line => parseLine(line, tables).change);
    recent.push({lsn, mark: last.mark, changes, ...whole});
  }
  return undefined;
}
