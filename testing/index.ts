/**
 * `sync-elements/testing`: what tests of a page want in place of a server, a worker and a disk. Nothing of it belongs in
 * a page. Runs nothing on import.
 */
export type {Rows} from './database-checks.js';
export {type ConformanceCheck, type ConformanceOptions, databaseConformance} from './database-conformance.js';
export type {FakeOperation} from './fake-data.js';
export {type FakeCall, type FakeOptions, FakeService, fakeService} from './fake-service.js';
