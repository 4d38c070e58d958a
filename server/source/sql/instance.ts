/** What is remembered of a client's local database. */
import type {InstanceState} from '../change-source.js';
import type {Queryable} from './sql.js';

export async function loadInstance(
  sql: Queryable,
  subject: string,
  instance: string,
): Promise<InstanceState | undefined> {
  const {rows} = await sql.query<{epoch: string; settled: string}>(
    `SELECT epoch::text AS epoch, settled::text AS settled FROM sync.instance
     WHERE subject = $1 AND instance = $2`,
    [subject, instance],
  );
  const [found] = rows;
  return found && {epoch: Number(found.epoch), settled: Number(found.settled)};
}

export async function saveInstance(
  sql: Queryable,
  subject: string,
  instance: string,
  state: InstanceState,
): Promise<void> {
  await sql.query(
    `WITH pruned AS (DELETE FROM sync.operation WHERE subject = $1 AND instance = $2 AND seq < $4::int8
       AND lsn <= (SELECT floor FROM sync.position))
     INSERT INTO sync.instance AS i VALUES ($1, $2, $3::int8, $4::int8)
     ON CONFLICT (subject, instance) DO UPDATE SET epoch = greatest(i.epoch, EXCLUDED.epoch),
       settled = greatest(i.settled, EXCLUDED.settled)`,
    [subject, instance, String(state.epoch), String(state.settled)],
  );
}
