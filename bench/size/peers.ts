/** What others cost to load, beside ours. A size says little without what is in it. */

/** kB, minified and gzipped, as measured in November 2026; what loads in a worker apart. */
const PEERS: readonly (readonly [name: string, kilobytes: string, includes: string])[] = [
  ['y-websocket', '5.4', 'the connection alone: without Yjs, storage, a queue, or elements'],
  ['Lit', '5.8', 'the base of our elements, and of others: nothing of sync'],
  [
    'TanStack offline-transactions',
    '7.3',
    'the queue of writes alone; 41.5 with TanStack DB and its queries, without a line',
  ],
  ['Electric client', '17.6', 'reading over HTTP; no storage, no writes'],
  ['Convex client', '18.2', 'a socket and queries of its server; nothing is kept, no writes offline'],
  ['Replicache', '34.7', 'storage, queries, writes offline; the server’s endpoints are yours to make'],
  ['RxDB core and replication', '53.7', 'queries, replication in memory; storage in IndexedDB costs extra'],
  ['Dexie Cloud', '108', 'Dexie, storage, queries, writes offline, a login dialog'],
  ['PowerSync', '159', 'storage, SQL, writes offline; 2.5 MB of SQLite as wasm besides'],
];

/** A table in Markdown: README.md has it. */
export function peersTable({core, worker, first}: {core: number; worker: number; first: number}): string {
  const ours = [
    [
      '**Sync Elements**, headless',
      core.toFixed(1),
      `storage, queries, writes offline, one line for all tabs; ${worker.toFixed(1)} in the worker`,
    ],
    ['**Sync Elements**, first load', first.toFixed(1), 'the same with Lit, `<sync-provider>` and `<sync-status>`'],
  ] as const;
  const rows = [...ours, ...PEERS].sort((a, b) => Number(a[1]) - Number(b[1]));
  return ['|  | kB | what is in it |', '|---|--:|---|', ...rows.map(row => `| ${row.join(' | ')} |`)].join('\n');
}
