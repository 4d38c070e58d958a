/** Dexie for tests in a browser: its entry is a wrapper around a script, which only a bundler understands. */
const address = '/node_modules/dexie/dist/dexie.mjs';
export const {Dexie} = (await import(address)) as typeof import('dexie');
