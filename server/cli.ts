#!/usr/bin/env node
/** The bin `sync-elements`: a server from the command line. Options in, exit code out; the work is done elsewhere. */
import {readFile} from 'node:fs/promises';
import {SyncError} from '../src/protocol/protocol.js';
import {HELP, parseCommand, type ServeOptions} from './cli-options.js';
import type {ServerLogger} from './options.js';
import {PGliteSource} from './source/pglite/pglite-source.js';
import {PostgresSource} from './source/postgres/postgres-source.js';
import {createSyncServer} from './sync-server.js';

async function serve(options: ServeOptions): Promise<void> {
  const logger = consoleLogger(options.quiet);
  const source =
    options.postgres === undefined
      ? new PGliteSource({...(options.data === undefined ? {} : {dataDir: options.data}), logger})
      : new PostgresSource({url: options.postgres, logger});
  try {
    if (options.init !== undefined) await source.exec(await readFile(options.init, 'utf8'));
    const {publish, port, host, path, origins} = options;
    const server = createSyncServer({
      source,
      publish,
      port,
      host,
      path,
      logger,
      ...(origins ? {origins} : {}),
      ...(options.static === undefined ? {} : {static: options.static}),
    });
    const {url} = await server.listen();
    console.log(`listening on ${url}`);
    const stop = stopSignal();
    await stop.first;
    logger.info('draining');
    // A second signal means: now.
    await Promise.race([server.drain(), stop.second]);
    await server.close();
  } catch (error) {
    await source.stop();
    throw error;
  }
}

function stopSignal(): {first: Promise<void>; second: Promise<void>} {
  let signals = 0;
  let again = () => {};
  const second = new Promise<void>(resolve => {
    again = resolve;
  });
  const first = new Promise<void>(resolve => {
    const onSignal = () => (++signals === 1 ? resolve() : again());
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  return {first, second};
}

function consoleLogger(quiet: boolean): ServerLogger {
  const print = (level: string) => (message: string, detail?: unknown) =>
    console.error(`${new Date().toISOString()} ${level} ${message}`, ...(detail === undefined ? [] : [detail]));
  const nothing = () => {};
  return {
    error: print('error'),
    warn: quiet ? nothing : print('warn'),
    info: quiet ? nothing : print('info'),
    debug: nothing,
  };
}

/** package.json stands one level up in the sources and two in the build. */
async function version(): Promise<string> {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const {name, version} = JSON.parse(await readFile(new URL(place, import.meta.url), 'utf8'));
      if (name === 'sync-elements') return String(version);
    } catch {
      // The other place, then.
    }
  }
  return 'unknown';
}

async function main(): Promise<number> {
  try {
    const command = parseCommand(process.argv.slice(2), process.env);
    switch (command.name) {
      case 'help':
        process.stdout.write(HELP);
        return 0;
      case 'version':
        console.log(await version());
        return 0;
      case 'serve':
        await serve(command.options);
        return 0;
    }
  } catch (error) {
    const {code, message} = SyncError.from(error);
    console.error(code === 'internal' ? message : `${message} (${code})`);
    if (code === 'usage') console.error(`Try 'sync-elements --help'.`);
    return code === 'usage' ? 2 : 1;
  }
}

process.exit(await main());
