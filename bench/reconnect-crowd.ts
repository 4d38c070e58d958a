/** A crowd of simulated clients, and the histogram of their return. */

import type {Sabotage} from '../testing/simulation/sabotage.js';
import {perform} from '../testing/simulation/stage.js';
import type {World} from '../testing/simulation/world.js';

export interface Restart {
  /** For which the server is away. */
  seconds: number;
  /** The old server sends its clients away with a time to come back, the new one lets them in turn by turn. */
  spreading: boolean;
}

export interface Return {
  /** Clients that were greeted within the fullest second of all. */
  fullestSecond: number;
  /** How many were greeted at all. */
  back: number;
  /** Seconds from the new server's start to the last greeting. */
  lastAfter: number;
  /** Sockets that were opened to get there. */
  dials: number;
}

/** Virtual milliseconds over which the crowd first comes, the draining server empties, and all have to be back. */
const ARRIVAL = 60_000;
const DRAIN = 3000;
const LIMIT = 180_000;

export async function restartUnder(clients: number, {seconds, spreading}: Restart): Promise<Return> {
  let greeted: number[] = [];
  let dials = 0;
  let startedAt = 0;
  const sabotage: Sabotage = {
    sockets: port => ({
      connect: (url, handlers) => {
        dials++;
        const message = (text: string) => {
          if (text.startsWith('{"type":"welcome"')) greeted.push(world().time.now);
          handlers.message(text);
        };
        return port.connect(url, {...handlers, message});
      },
    }),
  };
  let present: World | undefined;
  const world = () => present as World;
  const {failure} = await perform({seed: 1, sabotage}, async stage => {
    present = stage;
    const {server, time} = stage;
    if (!spreading) server.limits = {greetingsPerSecond: 1e6};
    await server.start();
    for (let client = 0; client < clients; client++) {
      time.at((ARRIVAL * client) / clients, undefined, () => stage.connect(stage.addProfile()));
    }
    await play(stage, ARRIVAL + 20_000);
    if (greeted.length < clients) throw new Error(`Only ${greeted.length} clients came in the first place`);
    if (spreading) server.drain(DRAIN);
    else server.crash();
    await play(stage, (spreading ? DRAIN + 500 : 0) + 1);
    [greeted, dials] = [[], 0];
    time.at(seconds * 1000, undefined, () => {
      startedAt = time.now;
      void server.start();
    });
    await play(stage, seconds * 1000 + LIMIT, () => greeted.length >= clients);
  });
  if (failure) throw failure;
  return {
    fullestSecond: fullestSecond(greeted),
    back: greeted.length,
    lastAfter: (Math.max(...greeted) - startedAt) / 1000,
    dials,
  };
}

/** Lets virtual time pass. The invariants are the tests' to check: here only time is measured. */
async function play({time}: World, ms: number, done = () => false): Promise<void> {
  let over = false;
  time.at(ms, undefined, () => {
    over = true;
  });
  while (!over && !done() && (await time.step()));
}

/** The most of them within any 1,000 ms. */
function fullestSecond(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [index, time] of sorted.entries()) {
    while (time - (sorted[from] ?? time) >= 1000) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}
