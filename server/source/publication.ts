/** What the host publishes, in the short forms it may write it in, as one strict form. Nothing is published by default. */
import {isTypeName, SyncError} from '../../src/protocol/protocol.js';

export interface TablePublication {
  /** Columns that travel to clients; key columns always do, as the entity's id. Default 'all'. */
  columns?: 'all' | readonly string[];
  /** Columns that clients may write ('all': all of `columns` that the database can write). Default false: none. */
  writable?: 'all' | readonly string[] | false;
  /** Whether clients may delete rows. Default: true where `writable` is 'all'. */
  deletable?: boolean;
}

/**
 * Tables by name. A name in a list, or `true`, means all columns, readable and writable; an object says it precisely.
 * @example ['task', 'note']
 * @example {task: true, place: {columns: ['name', 'lat', 'lng']}, profile: {writable: ['nickname']}}
 */
export type Publish = readonly string[] | Readonly<Record<string, true | TablePublication>>;

/** The strict form, by table name. */
export type Publication = ReadonlyMap<string, Required<TablePublication>>;

/** @throws SyncError `invalid-publish` */
export function normalisePublish(publish: Publish): Publication {
  const entries: [string, true | TablePublication][] = Array.isArray(publish)
    ? publish.map((name: string) => [name, true])
    : Object.entries(publish);
  return new Map(
    entries.map(([name, value]) => {
      if (!isTypeName(name)) throw invalid(`${JSON.stringify(name)} is no table name`);
      const table = value === true ? {writable: 'all' as const} : value;
      if (typeof table !== 'object' || table === null) throw invalid(`'${name}' wants true or an object`);
      const columns = table.columns ?? 'all';
      const writable = table.writable ?? false;
      if (columns !== 'all' && !isNames(columns)) throw invalid(`'columns' of '${name}'`);
      if (writable !== 'all' && writable !== false && !isNames(writable)) throw invalid(`'writable' of '${name}'`);
      if (columns !== 'all' && Array.isArray(writable)) {
        const hidden = writable.find(column => !columns.includes(column));
        if (hidden !== undefined) throw invalid(`'${name}.${hidden}' is writable but not published`);
      }
      return [name, {columns, writable, deletable: table.deletable ?? writable === 'all'}];
    }),
  );
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isTypeName);
}

function invalid(what: string): SyncError {
  return new SyncError('invalid-publish', `publish: ${what}`);
}
