/**
 * The Postgres that tests run against: the programs that are there, on which each test file starts a cluster of its own
 * (server/testing/postgres.ts). It runs where it is, and in CI it must. What is needed and missing is installed as browsers
 * are; a cluster that Debian's package would start for itself is neither made nor touched.
 */
import {accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {delimiter, dirname, join} from 'node:path';
import {installFromDebian, isRootOnDebian} from './debian.mjs';
import {Failure, isMain, main, step} from './proc.mjs';

const VARIABLE = 'POSTGRES_BIN';
const NEEDED = ['initdb', 'postgres'];
const HOW = `PostgreSQL 15 or later: on Debian apt-get install postgresql, elsewhere have initdb on the PATH or set ${VARIABLE} to its folder`;

function hasPrograms(folder) {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  try {
    for (const name of NEEDED) accessSync(join(folder, name + suffix), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps each version's programs in a folder of its own, off the PATH; the newest comes first. */
function debianFolders() {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .sort((a, b) => Number(b) - Number(a))
    .map(version => join(versions, version, 'bin'));
}

/** The folder of the programs, or undefined. Its variable wins. */
export function findPostgres() {
  const named = process.env[VARIABLE];
  if (named) return hasPrograms(named) ? named : undefined;
  const path = (process.env.PATH ?? '').split(delimiter).filter(folder => folder !== '');
  return [...debianFolders(), ...path].find(hasPrograms);
}

/** Why tests leave it out, with how to get it; undefined where it is there, or has to be. */
export function whyNoPostgres() {
  const isNeeded = /^(1|true)$/.test(process.env.CI ?? '');
  return isNeeded || findPostgres() ? undefined : HOW;
}

/** Finds it, or installs it where that is safe to do; else says what to install. */
export async function ensurePostgres() {
  if (findPostgres() === undefined && !process.env[VARIABLE] && isRootOnDebian()) {
    await step("installing PostgreSQL from Debian's packages", async () => {
      const config = '/etc/postgresql-common/createcluster.conf';
      if (!existsSync(config)) {
        mkdirSync(dirname(config), {recursive: true});
        writeFileSync(config, 'create_main_cluster = false\n');
      }
      await installFromDebian(['postgresql']);
    });
  }
  const found = findPostgres();
  if (found === undefined) throw new Failure(`These tests need ${HOW}.`);
  return found;
}

if (isMain(import.meta.url)) await main(async () => console.log(whyNoPostgres() ?? (await ensurePostgres())));
