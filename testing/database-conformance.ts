/**
 * Whether a database of your own does what sync needs of it, in any test framework:
 *
 *   for (const {name, run} of databaseConformance('mine', () => myDatabase())) it(name, run);
 */
import type {Change, Database, DatabaseCheckpoint, JsonObject} from '../src/index.js';
import {IN_BULK, mark, ONE_BY_ONE, patch, ROW, remove, row, staged, update} from './database-changes.js';
import {equal, fails, type Rows, rowsOf, sameRows} from './database-checks.js';

export interface ConformanceCheck {
  /** A sentence about what a database does. */
  name: string;
  /** Rejects with an Error that says what was expected and what was found. */
  run(): Promise<void>;
}

export interface ConformanceOptions {
  /** How to read all rows of a type, for a database without `list`: their columns by id. */
  read?: (database: Database, entityType: string) => Promise<Rows>;
}

/**
 * Checks for a database: each makes its own, and fails where that does not do as `Database` says. What a database does not
 * have (`clear`, `get`, `list`, a bulk path, a checkpoint) is not asked of it.
 * @param makeDatabase an empty one, with room for rows of the types `task` and `note`: columns `id` and `title` (text), `rank`
 *   (a number), `done` (a boolean), of which all but `id` may be missing or null
 */
export function databaseConformance(
  name: string,
  makeDatabase: () => Database | Promise<Database>,
  {read = rowsOf}: ConformanceOptions = {},
): ConformanceCheck[] {
  const checks: ConformanceCheck[] = [];
  const check = (sentence: string, run: (database: Database) => Promise<void>): void => {
    checks.push({name: `${name} ${sentence}`, run: async () => run(await makeDatabase())});
  };

  for (const {name: way, write} of [ONE_BY_ONE, IN_BULK]) {
    const apply = (database: Database, ...changes: Change[]) => database.transaction(tx => write(tx, changes));
    const holds = async (database: Database, rows: Rows, type = 'task') => sameRows(await read(database, type), rows);

    check(`writes rows, ${way}`, async database => {
      await apply(
        database,
        update('1', ROW),
        update('2', {...ROW, title: 'Zürich ✓', done: true}),
        update('n', ROW, 'note'),
      );
      await holds(
        database,
        new Map([
          ['1', row('1')],
          ['2', row('2', {title: 'Zürich ✓', done: true})],
        ]),
      );
      await holds(database, new Map([['n', row('n')]]), 'note');
    });
    check(`replaces a whole row, ${way}`, async database => {
      await apply(database, update('1', ROW));
      await apply(database, update('1', {title: 'Another', rank: null, done: true}));
      await holds(database, new Map([['1', {id: '1', title: 'Another', rank: null, done: true}]]));
      await apply(database, update('1', {title: 'Less'}));
      await holds(database, new Map([['1', {id: '1', title: 'Less', rank: null, done: null}]]));
    });
    check(`merges the columns of a partial update, and makes the row where there is none, ${way}`, async database => {
      await apply(database, update('1', ROW));
      await apply(database, patch('1', {done: true}), patch('2', {id: '2', title: 'New'}), patch('2', {rank: 5}));
      const rows = await read(database, 'task');
      sameRows(new Map([['1', rows.get('1') ?? {}]]), new Map([['1', row('1', {done: true})]]));
      equal([rows.get('2')?.['title'], rows.get('2')?.['rank']], ['New', 5], 'the row that was made');
    });
    check(`deletes rows, also one that is not there, ${way}`, async database => {
      await apply(database, update('1', ROW), update('2', ROW));
      await apply(database, remove('1'), remove('nobody'));
      await holds(database, new Map([['2', row('2')]]));
    });
    check(`tells rows of the same id in two types apart, ${way}`, async database => {
      await apply(database, update('1', ROW), update('1', {...ROW, rank: 7}, 'note'), update('2', ROW, 'note'));
      await holds(database, new Map([['1', row('1')]]));
      await apply(database, remove('1'), remove('2'));
      await holds(database, new Map());
      await holds(
        database,
        new Map([
          ['1', row('1', {rank: 7})],
          ['2', row('2')],
        ]),
        'note',
      );
    });
    check(`keeps the order of changes of the same row, ${way}`, async database => {
      await apply(database, update('1', ROW), update('2', ROW));
      await apply(
        database,
        ...[remove('1'), update('1', {...ROW, rank: 7}), update('1', {...ROW, rank: 8})],
        ...[update('2', {...ROW, rank: 9}), patch('2', {rank: 10}), remove('2')],
        ...[update('3', ROW), remove('3'), update('3', ROW), patch('3', {rank: 11})],
      );
      await holds(
        database,
        new Map([
          ['1', row('1', {rank: 8})],
          ['3', row('3', {rank: 11})],
        ]),
      );
    });
    check(`takes 500 changes at once, twice in a transaction, ${way}`, async database => {
      const many = (from: number) =>
        Array.from({length: 500}, (_, index) => update(`r${from + index}`, {...ROW, rank: index}));
      await database.transaction(async tx => {
        await write(tx, many(0));
        await write(tx, many(500));
      });
      equal((await read(database, 'task')).size, 1000, 'the number of rows');
    });
    check(`takes any text for an id, ${way}`, async database => {
      const ids = [
        '__proto__',
        'constructor',
        `it's "quoted"; --`,
        '["a",1]',
        'ünïcode ✓ 😀',
        ' ',
        '%_',
        'x'.repeat(300),
      ];
      await apply(database, ...ids.map(id => update(id, ROW)));
      await holds(database, new Map(ids.map(id => [id, row(id)])));
      await apply(database, ...ids.map(remove));
      await holds(database, new Map());
    });
    check(`leaves nothing of a transaction that fails, and goes on, ${way}`, async database => {
      await apply(database, update('1', ROW));
      const failure = new Error('on purpose');
      await fails(
        database.transaction(async tx => {
          await write(tx, [update('1', {...ROW, rank: 3}), update('2', ROW)]);
          throw failure;
        }),
      );
      await holds(database, new Map([['1', row('1')]]));
      await apply(database, update('3', ROW));
      await holds(
        database,
        new Map([
          ['1', row('1')],
          ['3', row('3')],
        ]),
      );
    });
    check(`shows all of a transaction or nothing, ${way}`, async database => {
      let looking: Promise<Rows> | undefined;
      await database.transaction(async tx => {
        await write(tx, [update('1', ROW)]);
        looking = read(database, 'task');
        looking.catch(() => {});
        await write(tx, [update('2', ROW)]);
      });
      const {size} = (await looking) ?? new Map();
      if (size === 1) throw new Error('One of two rows of a transaction was seen before it was over');
    });
  }

  check('gives back what a transaction resolves to', async database => {
    equal(await database.transaction(async () => 42), 42, 'the result');
  });

  const marking = (sentence: string, run: (database: Database) => Promise<void>) =>
    check(sentence, async database => {
      if (await keepsCheckpoint(database)) await run(database);
    });
  marking('has no checkpoint at first', async database => {
    equal(await checkpointOf(database), undefined, 'the checkpoint');
  });
  marking('gives a checkpoint back as it was, whatever is in it', async database => {
    for (const checkpoint of [mark(1), staged, {instance: 'b', epoch: 2}]) {
      await database.transaction(async tx => tx.writeCheckpoint?.(checkpoint));
      equal(await checkpointOf(database), checkpoint, 'the checkpoint');
    }
  });
  marking('commits checkpoint and rows together, or neither', async database => {
    await database.transaction(async tx => {
      await tx.upsertEntity('task', '1', row('1'));
      await tx.writeCheckpoint?.(mark(1));
    });
    await fails(
      database.transaction(async tx => {
        await tx.upsertEntity('task', '2', row('2'));
        await tx.writeCheckpoint?.(mark(2));
        throw new Error('on purpose');
      }),
    );
    equal(await checkpointOf(database), mark(1), 'the checkpoint');
    sameRows(await read(database, 'task'), new Map([['1', row('1')]]));
  });
  marking('lets nobody write between the reading and the writing of a checkpoint', async database => {
    await database.transaction(async tx => tx.writeCheckpoint?.(mark(0)));
    const step = () =>
      database.transaction(async tx => {
        const {epoch = -1} = (await tx.readCheckpoint?.()) ?? {};
        await tx.upsertEntity('task', '1', row('1', {rank: epoch}));
        await tx.writeCheckpoint?.(mark(epoch + 1));
      });
    // One that gives up, as it was overtaken, may: it is asked again. One that writes over another may not.
    let done = 0;
    await Promise.all(
      Array.from({length: 8}, () =>
        step().then(
          () => done++,
          () => {},
        ),
      ),
    );
    equal((await checkpointOf(database))?.epoch, done, 'transactions that count, of eight at once');
    if (done === 0) throw new Error('Of eight transactions at once not one was done');
  });

  check('is empty after `clear`, without a checkpoint, and goes on', async database => {
    if (!database.clear) return;
    await database.transaction(async tx => {
      await tx.upsertEntity('task', '1', row('1'));
      await tx.upsertEntity('note', '1', row('1'));
      await tx.writeCheckpoint?.(mark(1));
    });
    await database.clear();
    for (const type of ['task', 'note']) sameRows(await read(database, type), new Map());
    equal(await checkpointOf(database), undefined, 'the checkpoint');
    await database.transaction(async tx => tx.upsertEntity('task', '2', row('2')));
    sameRows(await read(database, 'task'), new Map([['2', row('2')]]));
  });
  check('finds a row by its id, and nothing by another', async database => {
    if (!database.get) return;
    await database.transaction(async tx => tx.upsertEntity('task', '1', row('1')));
    sameRows(new Map([['1', ((await database.get('task', '1')) ?? {}) as JsonObject]]), new Map([['1', row('1')]]));
    equal(await database.get('task', '2'), undefined, 'the row that is not there');
    equal(await database.get('note', '1'), undefined, 'the row of another type');
  });
  check('lists at least the rows that a query selects', async database => {
    if (!database.list) return;
    await database.transaction(tx =>
      ONE_BY_ONE.write(
        tx,
        [0, 1, 2, 3, 4].map(rank =>
          update(`r${rank}`, {title: rank > 2 ? 'Élan' : 'Other', rank, done: rank % 2 === 0}),
        ),
      ),
    );
    const queries: [Parameters<NonNullable<Database['list']>>[1], string[]][] = [
      [{}, ['r0', 'r1', 'r2', 'r3', 'r4']],
      [{where: {rank: 3}}, ['r3']],
      [{where: {done: true}, orderBy: '-rank'}, ['r0', 'r2', 'r4']],
      [{where: {rank: {in: [1, 2]}}}, ['r1', 'r2']],
      [{where: {rank: {gt: 1, lte: 3}}}, ['r2', 'r3']],
      [{where: {title: {prefix: 'ela'}}, orderBy: 'title'}, ['r3', 'r4']],
    ];
    for (const [query, expected] of queries) {
      const found = (await database.list('task', query)).map(({id}) => id);
      const missing = expected.filter(id => !found.includes(id));
      equal(missing, [], `rows that ${JSON.stringify(query)} selects and \`list\` does not give`);
      equal(new Set(found).size, found.length, 'rows that are listed once only');
    }
  });
  return checks;
}

async function keepsCheckpoint(database: Database): Promise<boolean> {
  return database.transaction(async ({readCheckpoint, writeCheckpoint}) => {
    if ((readCheckpoint === undefined) !== (writeCheckpoint === undefined)) {
      throw new Error('readCheckpoint and writeCheckpoint: have both or neither');
    }
    return readCheckpoint !== undefined;
  });
}

async function checkpointOf(database: Database): Promise<DatabaseCheckpoint | undefined> {
  return database.transaction(async tx => tx.readCheckpoint?.());
}
