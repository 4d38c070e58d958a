/** The board as a newcomer finds it. */
import type {PGliteSource} from '../../server/index.js';

const TASKS: readonly [status: 'todo' | 'doing' | 'done', title: string, assignee: string][] = [
  ['todo', 'Show unsent changes in the mobile header', 'Lena'],
  ['todo', 'Ask support which error texts people send screenshots of', 'Amara'],
  ['todo', 'Try the board on a train, airplane mode on and off', ''],
  ['todo', 'Translate the status texts into Japanese', 'Kenji'],
  ['todo', 'Decide what logout does with unsent work', 'Grace'],
  ['doing', 'Move the nightly import to the new change log', 'Mateo'],
  ['doing', 'Write the migration guide, step by step', 'Ada'],
  ['doing', 'Measure a 100,000-row sync on a five-year-old phone', 'Kenji'],
  ['done', 'Keep the queue across a browser crash', 'Grace'],
  ['done', 'One socket for all tabs', 'Ada'],
  ['done', 'Retry with backoff instead of hammering the server', 'Mateo'],
  ['done', 'Agree on what “saved” means', 'Amara'],
];

export async function seedTasks(source: PGliteSource): Promise<void> {
  await source.exec(`
    CREATE TABLE IF NOT EXISTS task (
      id text PRIMARY KEY,
      title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
      status text NOT NULL DEFAULT 'todo' CHECK (status IN ('todo', 'doing', 'done')),
      position double precision NOT NULL DEFAULT 0,
      assignee text NOT NULL DEFAULT '' CHECK (length(assignee) <= 60),
      updated_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE IF NOT EXISTS demo_seed (name text PRIMARY KEY);
  `);
  const rows = TASKS.map(([status, title, assignee], index) => ({
    id: `welcome-${index + 1}`,
    title,
    status,
    position: (index + 1) * 1024,
    assignee,
  }));
  // One statement: both or neither. Whoever cleared the board finds it cleared tomorrow.
  await source.query(
    `WITH once AS (INSERT INTO demo_seed VALUES ('task') ON CONFLICT DO NOTHING RETURNING name)
     INSERT INTO task (id, title, status, position, assignee)
     SELECT r.id, r.title, r.status, r.position, r.assignee
     FROM once, jsonb_to_recordset($1::text::jsonb)
       AS r(id text, title text, status text, position double precision, assignee text)`,
    [JSON.stringify(rows)],
  );
}
