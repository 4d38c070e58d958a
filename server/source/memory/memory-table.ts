/** A published table of the memory source, and its rows as they travel. */
import type {JsonObject} from '../../../src/protocol/protocol.js';
import type {SourceTable} from '../change-source.js';
import {wireSafe} from '../encode.js';
import type {TablePublication} from '../publication.js';
import type {MemoryTableOptions} from './memory-source.js';

export interface MemoryTable extends SourceTable {
  readonly shape: string;
}

export function makeTable(
  name: string,
  options: MemoryTableOptions,
  published: Required<TablePublication>,
): MemoryTable {
  const key = typeof options.key === 'string' ? [options.key] : (options.key ?? ['id']);
  const columns = published.columns === 'all' ? options.columns : published.columns;
  const visible = columns && new Set([...key, ...columns]);
  const {writable} = published;
  return {
    name,
    key,
    columns: visible,
    writable: writable === 'all' ? visible : new Set(writable || []),
    deletable: published.deletable,
    shape: JSON.stringify([name, key, columns ?? 'all']),
  };
}

/** The published part of a row. */
export function project(table: MemoryTable, row: JsonObject): JsonObject {
  const {columns} = table;
  return columns ? Object.fromEntries(Object.entries(row).filter(([column]) => columns.has(column))) : row;
}

export function rowText(table: MemoryTable, row: JsonObject): string {
  return wireSafe(JSON.stringify(project(table, row)));
}
