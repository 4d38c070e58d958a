/**
 * The invariants of the simulation, by number, and where each is held.
 *
 *    1  rows and checkpoint agree with a state the server was in   ledger, at every commit of a journal or its meta
 *    2  the checkpoint never goes back within a generation         ledger, at every such commit
 *    3  no part of a transaction is shown                          knowledge, at every list of the rows written in pairs
 *    4  what `enqueue` resolved survives                           ledger.survived, at each answer, power loss and the end
 *    5  at most once at the server; in the end exactly once        oracle, at every commit of the server; ledger.settled
 *    6  pending goes on rejection, discard or its own commit only  ledger, at every commit of an outbox
 *       whoever takes one back is told that it was sent            ledger, at every commit of an outbox, and with 4
 *    7  read your writes, no flicker                               knowledge, at every read
 *    8  order within a key                                         oracle, at every commit of the server
 *    9  a rejection is true, rolls back and surfaces once          ledger, at every commit; knowledge, at events and reads
 *       what a page is told of an operation is durable             knowledge, at events and answers
 *   10  one applier, one accepted socket                           ledger (the fence); here, after every step
 *       … in a database of the user's own                          own-ledger (1, 2, 10), at every commit of it; run.ts (12)
 *   11  a redelivered suffix changes nothing                       1 and 2, under the actions that duplicate frames
 *   12  liveness                                                   run.ts, once all is healed
 *   13  the status is honest                                       here, after every step; tab, at every word of lastLSN
 *   14  bounded, and zero after cleanup                            virtual platform (timers), here (sockets), people.close
 *       (each of them also behind a crash at every await           crash-points.ts)
 *   15  nothing of a user is readable after their logout           people, as it is answered; knowledge, at every list;
 *                                                                  ledger (1), for rows under another subject's checkpoint
 *   16  every get, list, count and live query is what it asks for  readers and answers, at every answer; run.ts (12), what
 *       of rows that were on the disk, never back, own work on top live queries show in the end
 */
import type {Link} from './network.js';
import type {Tab} from './tab.js';
import {Violation} from './trace.js';
import type {World} from './world.js';

/** Milliseconds for which a line that carries nothing may pass for open: a ping after 15 s, its answer 10 s later, slack. */
const UNNOTICED = 15_000 + 10_000 + 10_000;

/** A new leader goes on under the old one's status for a moment: nobody wants to see it flicker. */
const HANDOVER = 2000;

/** What must hold after each step. */
export function checkAlways(world: World): void {
  for (const [instance, count] of world.server.accepted()) {
    if (count > 1) throw new Violation('10 one socket', `${count} accepted sockets of ${instance}`);
  }
  for (const {tabs} of world.profiles) for (const tab of tabs) checkTab(world, tab);
}

function checkTab(world: World, tab: Tab): void {
  const {process, databases, state, profile} = tab;
  if (!process.alive || process.frozen) return;
  const [running] = databases.running;
  if (running) throw new Violation('storage', `${running} awaits something else than storage`);
  if (!state) return;
  const [link, another] = profile.openLinks(process);
  if (another) throw new Violation('14 bounded', `${tab.name} has two sockets open`);
  tab.linelessSince = link || state.role !== 'leader' ? undefined : (tab.linelessSince ?? world.time.now);
  if (state.status !== 'synced') return;
  const missing = world.ledger.missing(tab.knowledge.promised, databases.only);
  if (missing) throw new Violation('13 honest', `${tab.name} is 'synced' without ${missing.id} on ${missing.key}`);
  if (state.role === 'leader') checkLine(world, tab, link);
}

/** A leader that says `synced` has a line, and not one that broke long ago. */
function checkLine({time}: World, {name, awakeSince, linelessSince = time.now}: Tab, link: Link | undefined): void {
  const without = time.now - Math.max(linelessSince, awakeSince);
  if (without > HANDOVER) throw new Violation('13 honest', `${name} is 'synced' without a socket for ${without} ms`);
  const broken = time.now - Math.max(link?.deadSince ?? Number.POSITIVE_INFINITY, awakeSince);
  if (broken > UNNOTICED) throw new Violation('13 honest', `${name} is 'synced' on a line that broke ${broken} ms ago`);
}
