/**
 * The simulator, `sync-elements/testing/simulation`: for Node. One process holds everything: clients with several tabs each on
 * the real engine, the reference server, and between them clocks, networks, disks and processes that are made up of a seed and go
 * wrong by it. After each step the promises of the package are checked; the same seed is the same run, step by step.
 *
 * It never touches a real clock, socket or disk; what is put into it must not either.
 */
export {readPlan, writePlan} from './plan-text.js';
export {type Outcome, runPlan, runSeed} from './run.js';
export type {Sabotage} from './sabotage.js';
export {report, shrink} from './shrink.js';
