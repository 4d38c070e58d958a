/** What the database checks compare by: no test framework, and messages that say what is the matter. */
import type {Database, JsonObject} from '../src/index.js';

/** Columns by id. */
export type Rows = ReadonlyMap<string, JsonObject>;

/** By its own `list`. @throws where it has none */
export async function rowsOf(database: Database, entityType: string): Promise<Rows> {
  if (!database.list)
    throw new Error('The database has no `list`: give the option `read`, which reads all rows of a type');
  return new Map((await database.list(entityType, {})).map(({id, data}) => [id, data as JsonObject]));
}

/** As JSON, with keys in order: what a database is asked to keep is JSON. */
function textOf(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? 'undefined'
  );
}

export function equal(found: unknown, expected: unknown, what: string): void {
  if (textOf(found) === textOf(expected)) return;
  throw new Error(`Expected ${what} to be ${textOf(expected)}, found ${textOf(found)}`);
}

/** The same ids, and in each row the expected columns. A database may have further ones, and null for a missing one. */
export function sameRows(found: Rows, expected: Rows): void {
  equal([...found.keys()].sort(), [...expected.keys()].sort(), 'the ids');
  for (const [id, columns] of expected) {
    for (const [column, value] of Object.entries(columns)) {
      equal(found.get(id)?.[column] ?? null, value, `the column '${column}' of the row '${id}'`);
    }
  }
}

export async function fails(work: Promise<unknown>): Promise<void> {
  const failed = await work.then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error('A transaction whose function rejects must reject');
}
