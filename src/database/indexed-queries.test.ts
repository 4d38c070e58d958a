/** Queries that an index answers, and live queries that look again: held against the same asked of every row. */
import {expect} from '@open-wc/testing';
import {changes, checkpoint, partial, remove, snapshot, update} from '../../test/helpers/replica.js';
import {Disk} from '../../test/helpers/storage.js';
import {seededRandom} from '../../testing/simulation/random.js';
import type {StorageDatabase} from '../platform/storage.js';
import type {Change, Json, JsonObject} from '../protocol/protocol.js';
import type {ClientStore, Look, Overlay} from './database.js';
import {Journal} from './journal.js';
import type {RowQuery} from './query.js';
import {Replica} from './replica.js';

type Random = ReturnType<typeof seededRandom>;

const NAMES = ['', 'Ada', 'ada', 'Ádám', 'adele', 'B', 'bert', 'Übel', 'u\u0308ber', 'z', '\uffff', '\uffffa'];
const VALUES: Json[] = [...NAMES, null, true, 0, 1, 2.5, 10, [1]];

function randomRow(random: Random): JsonObject {
  const row: JsonObject = {};
  if (random.below(8) > 0) row['name'] = random.pick(VALUES);
  if (random.below(8) > 0) row['n'] = random.below(6);
  return row;
}

function randomChange(random: Random, ids: number): Change {
  const id = `r${random.below(ids)}`;
  const kind = random.below(6);
  return kind === 0 ? remove(id) : kind < 3 ? partial(id, randomRow(random)) : update(id, randomRow(random));
}

function randomCondition(random: Random): unknown {
  const bound = () => random.pick([...NAMES, 0, 1, 3]);
  switch (random.below(6)) {
    case 0:
      return {in: Array.from({length: random.below(4)}, () => random.pick(VALUES))};
    case 1:
      return {prefix: random.pick(NAMES)};
    case 2:
      return {[random.pick(['gt', 'gte'])]: bound(), [random.pick(['lt', 'lte'])]: bound()};
    case 3:
      return {[random.pick(['gt', 'gte', 'lt', 'lte'])]: bound()};
    default:
      return random.pick(VALUES);
  }
}

function randomQuery(random: Random): RowQuery {
  const where: Record<string, unknown> = {};
  if (random.below(3) > 0) where['name'] = randomCondition(random);
  if (random.below(3) === 0) where['n'] = randomCondition(random);
  return {
    where,
    ...(random.below(3) === 0 ? {} : {orderBy: random.pick(['name', '-name', 'n', '-n', 'other'])}),
    ...(random.below(3) === 0 ? {} : {limit: random.below(12)}),
  };
}

function randomOverlay(random: Random, ids: number): Overlay {
  const edits = Array.from({length: random.below(4)}, () => {
    const row = randomRow(random);
    const edit = random.pick([() => undefined, () => row, (stored?: JsonObject) => ({...stored, ...row})]);
    return [`r${random.below(ids + 2)}`, edit] as const;
  });
  return new Map(edits);
}

describe('a query on declared columns', () => {
  let disk: Disk;
  let database: StorageDatabase<ClientStore>;
  let journal: Journal;
  beforeEach(async () => {
    disk = new Disk();
    database = await disk.openClient();
    journal = new Journal(database);
    await journal.promote();
  });
  afterEach(() => disk.clear());
  const open = (indexes?: Record<string, string[]>) => new Replica(database, {cacheBytes: 200_000, indexes});
  const append = (lsn: string, ...list: Change[]) => journal.append([changes(...list)], {checkpoint: checkpoint(lsn)});

  it('has the same answer as one that looks at every row, page by page, under whatever overlay', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = seededRandom(seed);
      const ids = random.pick([10, 60]);
      const list = () => Array.from({length: random.below(40)}, () => randomChange(random, ids));
      await snapshot(journal, `${seed}/1`, ...list());
      const plain = open();
      const indexed = open({task: ['name', 'n']});
      for (let turn = 2; turn < 40; turn++) {
        if (random.below(3) === 0) await append(`${seed}/${turn.toString(16)}`, ...list());
        const overlay = randomOverlay(random, ids);
        let query = randomQuery(random);
        for (let page = 0; page < 4; page++) {
          const due = await plain.list('task', query, () => overlay);
          const told = `seed ${seed}, turn ${turn}: ${JSON.stringify(query)}`;
          expect(await indexed.list('task', query, () => overlay), told).to.deep.equal(due);
          expect(await indexed.count('task', query, () => overlay)).to.equal(
            await plain.count('task', query, () => overlay),
          );
          const after = `r${random.below(ids)}`;
          if (!(await plain.get('task', after, () => overlay))) break;
          query = {...query, after};
        }
      }
    }
  });

  it('reads no more records than the rows it gives lie in', async () => {
    await snapshot(journal, '0/1');
    for (let n = 0; n < 40; n++) await append(`1/${n.toString(16)}`, update(`r${n}`, {n, pad: 'x'.repeat(100)}));
    const replica = new Replica(database, {cacheBytes: 1, indexes: {task: ['n']}});
    await replica.count('task', {});
    let reads = 0;
    const transaction = database.transaction.bind(database);
    database.transaction = (...args) => {
      reads++;
      return transaction(...args);
    };
    const rows = await replica.list('task', {where: {n: {gte: 10}}, orderBy: 'n', limit: 3});
    expect(rows.map(({n}) => n)).to.deep.equal([10, 11, 12]);
    // One to see what is new, one for each row.
    expect(reads).to.equal(4);
  });

  it('watched, looks at what has changed and comes to the same as asked anew', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = seededRandom(seed);
      await snapshot(journal, `${seed}/1`, ...Array.from({length: 30}, () => randomChange(random, 30)));
      const plain = open();
      const watching = open(random.below(2) > 0 ? {task: ['name', 'n']} : {});
      const watched = Array.from({length: 12}, () => ({
        query: randomQuery(random),
        look: undefined as Look | undefined,
        rows: [] as JsonObject[],
      }));
      for (let turn = 2; turn < 40; turn++) {
        const list = Array.from({length: random.below(3)}, () => randomChange(random, 30));
        if (random.below(9) === 0) await snapshot(journal, `${seed}/${turn.toString(16)}`, ...list);
        else await append(`${seed}/${turn.toString(16)}`, ...list);
        const overlay = randomOverlay(random, 30);
        for (const each of watched) {
          each.look = await watching.look('task', each.query, () => overlay, each.look);
          each.rows = each.look.rows ?? each.rows;
          const due = await plain.list('task', each.query, () => overlay);
          expect(each.rows, `seed ${seed}, turn ${turn}: ${JSON.stringify(each.query)}`).to.deep.equal(due);
        }
      }
    }
  });

  it('watched, is not asked again for a row that is none of it', async () => {
    await snapshot(journal, '0/1', ...Array.from({length: 9}, (_, n) => update(`r${n}`, {n, kind: 'in'})));
    const replica = open();
    const query = {where: {kind: 'in'}, orderBy: 'n', limit: 3};
    const first = await replica.look('task', query);
    expect(first.rows?.length).to.equal(3);
    const look = async (lsn: string, ...list: Change[]) => {
      await append(lsn, ...list);
      return replica.look('task', query, undefined, first);
    };
    expect((await look('0/2', update('x', {n: 0, kind: 'out'}), remove('r8'))).rows).to.equal(undefined);
    expect((await look('0/3', update('y', {n: -1, kind: 'in'}))).rows?.map(({n}) => n)).to.deep.equal([-1, 0, 1]);
    expect((await look('0/4', remove('y'))).rows?.map(({n}) => n)).to.deep.equal([0, 1, 2]);
  });
});
