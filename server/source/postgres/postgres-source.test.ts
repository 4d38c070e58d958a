import {describe} from 'node:test';
import {conformance} from '../../testing/conformance.js';
import {sharedPostgres, skip} from '../../testing/postgres.js';
import {sqlConformance} from '../../testing/sql-conformance.js';

describe('on a Postgres server', {skip}, () => {
  const {source} = sharedPostgres();
  conformance('PostgresSource', () => source());
  sqlConformance('PostgresSource', () => source());
});
