/** Quoting for SQL text, and the little that is asked of a PGlite, so that its types need not be installed. */

export interface Rows<T> {
  rows: T[];
}

export interface Queryable {
  query<T>(sql: string, params?: unknown[], options?: {rowMode?: 'array' | 'object'}): Promise<Rows<T>>;
  exec(sql: string): Promise<unknown>;
}

/** What the source uses of a PGlite. */
export interface PGliteLike extends Queryable {
  transaction<T>(run: (tx: Queryable) => Promise<T>): Promise<T>;
  /** Resolves to the remover. */
  listen(channel: string, listener: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** An identifier, whatever it is made of. */
export function ident(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string constant; the E form, so that a backslash means the same under every setting. */
export function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
