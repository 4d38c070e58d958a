/** Who is measured, where it runs, and what its `durable` means. */

export interface Contender {
  name: string;
  title: string;
  /** What its position and rows have in common; printed above the figures. */
  durable: string;
  /** Whether what it says is kept is kept then, and not at the end. The limit keeps nothing. */
  perCommit: boolean;
  runs: 'worker' | 'page';
}

export const OURS = 'ours';
export const BARE = 'bare';

const sameTransaction = 'rows and position in one transaction for all frames that wait';

export const CONTENDERS: readonly Contender[] = [
  {name: BARE, title: 'bare receive and parse', durable: 'keeps nothing: the limit', perCommit: false, runs: 'worker'},
  {
    name: OURS,
    title: 'ours',
    durable: `validated; ${sameTransaction}, against other tabs fenced`,
    perCommit: true,
    runs: 'worker',
  },
  {
    name: 'old-way',
    title: 'the old way, in the page',
    durable: `${sameTransaction} (idb-keyval, a record a row)`,
    perCommit: true,
    runs: 'page',
  },
  {name: 'dexie', title: 'Dexie bulkPut', durable: sameTransaction, perCommit: true, runs: 'worker'},
  {name: 'idb', title: 'idb, a record a row', durable: sameTransaction, perCommit: true, runs: 'worker'},
  {
    name: 'pouchdb',
    title: 'PouchDB bulkDocs',
    durable: `${sameTransaction} (the position as a local document)`,
    perCommit: true,
    runs: 'worker',
  },
  {
    name: 'sqlite',
    title: 'SQLite wasm on OPFS',
    durable: `${sameTransaction} (pool of access handles, WAL, synchronous = normal)`,
    perCommit: true,
    runs: 'worker',
  },
  {
    name: 'tinybase',
    title: 'TinyBase, saved at the end',
    durable: 'rows and position in one transaction, once, at the end',
    perCommit: false,
    runs: 'worker',
  },
];
