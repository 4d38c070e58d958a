/** The change log: reading it in commit order, judging checkpoints by it, and trimming it. */
import {formatLsn, type Lsn, parseLsn, SyncError} from '../../../src/protocol/protocol.js';
import {type LogChange, type LogChunk, type LogPosition, type Verdict, WHOLE} from '../change-source.js';
import {changeText, wireSafe} from '../encode.js';
import {tryTurn, type Writers} from './locks.js';
import type {Queryable} from './sql.js';
import type {PgTable} from './table.js';

/** Transactions and changes of one query: enough to fill the bytes asked for, few enough to be over soon. */
const TRANSACTIONS = 500;
const CHANGES = 2000;

type TransactionRow = readonly [lsn: string, mark: string];

export interface LoggedChange {
  readonly lsn: string;
  readonly change: LogChange;
}

export function toNumber(lsn: Lsn): string {
  return String(parseLsn(lsn) ?? 0n);
}

export function fromNumber(text: string): Lsn {
  return formatLsn(BigInt(text));
}

/** SQL for the line that a change of the log is read as; `parseLine` takes it apart. */
export function lineSql(record: string): string {
  const image = (name: string) => `coalesce('=' || ${record}.${name}, '')`;
  const json = (name: string) => `to_json(${record}.${name})`;
  return `concat_ws(E'\\x1f', ${record}.lsn, ${record}.seq, ${json('type')}, ${json('id')}, ${image('old')}, ${image('row')})`;
}

/**
 * The transactions from `first` on, and their changes behind (`after`, `place`), about `bytes` of them: a running sum stops
 * there, but never before the first. They come as one text, for the reason given in rows.ts; a null image is an empty
 * field, an image one that begins with '='.
 *
 * A function, since all who follow wait for it after each commit, and planning this each time took most of that: here a
 * plan is kept. It was made when the tables were of another size, and so is told to go by the index whatever it is. STABLE
 * makes all of it one snapshot: what was trimmed must not look like nothing.
 */
export const READ_LOG = `
CREATE OR REPLACE FUNCTION sync.read_log(first int8, after int8, place int8, bytes int8,
  OUT floor text, OUT transactions text, OUT count int8, OUT changes text)
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET enable_bitmapscan = off AS $sync$
DECLARE last int8;
BEGIN
  SELECT max(t.lsn), string_agg(concat_ws(E'\\x1f', t.lsn, t.mark), E'\\x1e' ORDER BY t.lsn) INTO last, transactions
  FROM (SELECT * FROM sync.transaction AS x WHERE x.lsn >= first ORDER BY x.lsn LIMIT ${TRANSACTIONS}) AS t;
  SELECT p.floor::text, count(s.lsn), string_agg(
    ${lineSql('s')},
    E'\\x1e' ORDER BY s.lsn, s.seq) FILTER (WHERE s.sum <= bytes OR s.rank = 1)
  INTO floor, count, changes
  FROM sync.position AS p LEFT JOIN (
    SELECT n.*, row_number() OVER (ORDER BY n.lsn, n.seq) AS rank,
      sum(coalesce(octet_length(n.row), 0) + octet_length(n.id) + 100) OVER (ORDER BY n.lsn, n.seq) AS sum
    FROM (SELECT * FROM sync.log AS l WHERE (l.lsn, l.seq) > (after, place) AND l.lsn <= last
          ORDER BY l.lsn, l.seq LIMIT ${CHANGES}) AS n
  ) AS s ON true GROUP BY p.floor;
END $sync$;`;

export async function readLog(
  sql: Queryable,
  tables: ReadonlyMap<string, PgTable>,
  after: LogPosition,
  maxBytes: number,
): Promise<LogChunk[]> {
  const from = BigInt(toNumber(after.lsn));
  const inside = after.seq !== WHOLE;
  const {rows} = await sql.query<[floor: string, transactions: string | null, count: unknown, changes: string | null]>(
    'SELECT * FROM sync.read_log($1, $2, $3, $4)',
    [String(inside ? from : from + 1n), String(from), String(after.seq), String(maxBytes)],
    {rowMode: 'array'},
  );
  const [floor, transactions, some, changes] = rows[0] ?? ['0', null, 0, null];
  // An int8, which drivers hand over in their own ways.
  const count = Number(some);
  if (transactions === null) return [];
  if (from < BigInt(floor) || (inside && from === BigInt(floor))) {
    throw new SyncError('log-trimmed', 'The log no longer reaches back this far');
  }
  const found = changes === null ? [] : changes.split('\x1e').map(line => parseLine(line, tables));
  // Whether nothing of these transactions lies behind the last change.
  const all = count < CHANGES && found.length === count;
  return assemble(transactions.split('\x1e').map(parseTransaction), found, all);
}

function parseTransaction(line: string): TransactionRow {
  const [lsn = '', mark = ''] = line.split('\x1f');
  return [lsn, mark];
}

/** A line of the log as `sync.read_log` and `sync.tell` spell it. */
export function parseLine(line: string, tables: ReadonlyMap<string, PgTable>): LoggedChange {
  const [lsn = '', seq, type = '""', idText = '""', old = '', image = ''] = line.split('\x1f');
  const table: string = JSON.parse(type);
  const id: string = JSON.parse(idText);
  const raw = image === '' ? null : image.slice(1);
  const row = raw !== null && tables.get(table)?.freeForm ? wireSafe(raw) : raw;
  const before = old === '' ? null : old.slice(1);
  return {lsn, change: {table, id, seq: Number(seq), old: before, row, text: changeText(table, id, row)}};
}

function assemble(transactions: readonly TransactionRow[], rows: readonly LoggedChange[], all: boolean): LogChunk[] {
  const byLsn = new Map<string, LogChange[]>();
  for (const {lsn, change} of rows) {
    const list = byLsn.get(lsn);
    if (list) list.push(change);
    else byLsn.set(lsn, [change]);
  }
  const stop = all ? undefined : rows.at(-1);
  const chunks: LogChunk[] = [];
  for (const [number, mark] of transactions) {
    const lsn = fromNumber(number);
    const complete = number !== stop?.lsn;
    const end = {lsn, seq: stop && !complete ? stop.change.seq : WHOLE};
    chunks.push({lsn, mark, changes: byLsn.get(number) ?? [], complete, end});
    // What was cut off may begin with the next transaction: reading on from here finds that out.
    if (!complete) break;
  }
  return chunks;
}

export async function verifyPosition(sql: Queryable, lsn: Lsn, mark: string | undefined): Promise<Verdict> {
  const {rows} = await sql.query<{head: string; floor: string; mark: string | null}>(
    `SELECT p.lsn::text AS head, p.floor::text AS floor, t.mark
     FROM sync.position p LEFT JOIN sync.transaction t ON t.lsn = $1::numeric`,
    [toNumber(lsn)],
  );
  const found = rows[0];
  const number = BigInt(toNumber(lsn));
  if (!found || number > BigInt(found.head)) return 'ahead';
  if (number < BigInt(found.floor)) return 'trimmed';
  if (found.mark === null || (mark !== undefined && mark !== found.mark)) return 'unknown-mark';
  return 'ok';
}

/**
 * Moves the floor up by a step at the most. The transaction at the floor keeps its row, for its mark: a client that
 * stands exactly there misses nothing.
 */
export async function trimLog(
  sql: Queryable,
  keep: {rows: number; milliseconds: number},
  step: number,
  writers: Writers,
): Promise<boolean> {
  // Only the oldest `step` transactions are looked at, so this stays quick however long the log is. Gaps in `seq`
  // (aborted transactions) only make the log a little shorter than allowed.
  const {rows} = await sql.query<{floor: string; target: string}>(
    `WITH here AS (SELECT floor, least(floor + $3::int8, lsn) AS top FROM sync.position),
       bound AS (SELECT coalesce(max(seq), 0) - $1::int8 AS seq FROM (
         SELECT seq FROM sync.log ORDER BY lsn DESC, seq DESC LIMIT 1) AS newest),
       oldest AS (SELECT l.lsn, l.seq FROM sync.log l, here WHERE l.lsn > here.floor
         ORDER BY l.lsn, l.seq LIMIT 1)
     SELECT here.floor::text AS floor, greatest(
       (SELECT max(t.lsn) FROM sync.transaction t WHERE t.lsn > here.floor AND t.lsn <= here.top
          AND t.at < clock_timestamp() - $2::float8 * interval '1 millisecond'),
       (SELECT max(l.lsn) FROM sync.log l WHERE l.lsn > here.floor AND l.lsn <= here.top AND l.seq <= bound.seq),
       (SELECT here.top FROM oldest WHERE oldest.seq <= bound.seq AND oldest.lsn > here.top),
       here.floor)::text AS target
     FROM here, bound`,
    [String(keep.rows), keep.milliseconds, String(step)],
  );
  const found = rows[0];
  if (!found || BigInt(found.target) <= BigInt(found.floor)) return false;
  if (writers === 'many' && !(await tryTurn(sql))) return true;
  await sql.query(
    `WITH moved AS (UPDATE sync.position SET floor = $1::int8 RETURNING 1),
          logged AS (DELETE FROM sync.log WHERE lsn <= $1::int8 RETURNING 1),
          settled AS (DELETE FROM sync.operation AS o USING sync.instance AS i WHERE o.lsn > $2::int8 AND o.lsn <= $1::int8
            AND i.subject = o.subject AND i.instance = o.instance AND o.seq < i.settled RETURNING 1)
     DELETE FROM sync.transaction WHERE lsn < $1::int8`,
    [found.target, found.floor],
  );
  return true;
}
