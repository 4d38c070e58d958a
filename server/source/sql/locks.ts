/** Who may write when, and who may serve: advisory locks, which the database gives back with the session that has them. */
import type {Queryable} from './sql.js';

/**
 * Who writes: 'one' connection at a time, as in PGlite, and a small commit then tells its changes itself (pglite/told.ts);
 * or 'many' at once, who are other roles with other settings, and take turns (see `sync.take_turn`).
 */
export type Writers = 'one' | 'many';

/** 'SyncElem' as a number, and what follows. */
export const SERVER_LOCK = '6014960149975557485';
export const TURN_LOCK = '6014960149975557486';

/** The writers' turn, for the rest of the transaction, if nobody has it. */
export async function tryTurn(sql: Queryable): Promise<boolean> {
  const {rows} = await sql.query<{mine: boolean}>(`SELECT pg_try_advisory_xact_lock(${TURN_LOCK}) AS mine`);
  return rows[0]?.mine === true;
}

/** The writers' turn, for the rest of the transaction. */
export async function takeTurn(sql: Queryable): Promise<void> {
  await sql.query(`SELECT pg_advisory_xact_lock(${TURN_LOCK})`);
}

/** For as long as the session lasts. Taken twice it is held twice, which does no harm. */
export async function tryServer(sql: Queryable): Promise<boolean> {
  const {rows} = await sql.query<{mine: boolean}>(`SELECT pg_try_advisory_lock(${SERVER_LOCK}) AS mine`);
  return rows[0]?.mine === true;
}

/** Who has it, in words. */
export async function serverHolder(sql: Queryable): Promise<string> {
  const {rows} = await sql.query<{pid: number; from: string | null}>(
    `SELECT l.pid, host(a.client_addr) AS from FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (l.classid::int8 << 32 | l.objid::int8) = ${SERVER_LOCK}`,
  );
  const [found] = rows;
  if (!found) return 'another server';
  return `another server (session ${found.pid}${found.from === null ? '' : `, from ${found.from}`})`;
}
