/** What is asked of a database's driver, whichever it is, and quoting for SQL text. */

export interface Rows<T> {
  rows: T[];
}

export interface Queryable {
  query<T>(sql: string, params?: unknown[], options?: {rowMode?: 'array' | 'object'}): Promise<Rows<T>>;
  exec(sql: string): Promise<unknown>;
}

export interface SqlDatabase extends Queryable {
  /** For what may be asked twice. */
  readonly repeatable?: Queryable;
  /** Rolled back when `run` throws. */
  transaction<T>(run: (tx: Queryable) => Promise<T>): Promise<T>;
}

/** An identifier, whatever it is made of. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string constant; the E form, so that a backslash means the same under every setting. */
export function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
