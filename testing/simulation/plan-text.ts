/** A plan as text: what a failure's report shows is what test/simulation/seeds.ts keeps. */
import type {Action, ActionKind, Plan} from './actions.js';

export function writePlan({seed, profiles, tabs, tokenLife, partial, own, window, terse, actions}: Plan): string {
  const head = `seed=${seed} profiles=${profiles} tabs=${tabs}${tokenLife === undefined ? '' : ` tokenLife=${tokenLife}`}`;
  const kind = own ? ` own=1 keeps=${Number(own.keeps)} locks=${Number(own.locks)}` : '';
  const speech = `${window === undefined ? '' : ` window=${window}`}${terse ? ' terse=1' : ''}`;
  return [`${head}${partial ? ' partial=1' : ''}${kind}${speech}`, ...actions.map(writeAction)].join('\n');
}

function writeAction({kind, at, profile, tab, key, n, ms}: Action): string {
  return `  ${(at / 1000).toFixed(3)} ${kind} profile=${profile} tab=${tab} key=${key} n=${n} ms=${ms}`;
}

export function readPlan(text: string): Plan {
  const [head = '', ...lines] = text.trim().split('\n');
  const {seed = 0, profiles = 1, tabs = 1, tokenLife, partial, own, keeps, locks, window, terse} = numbersOf(head);
  const kind = own === 1 ? {keeps: keeps === 1, locks: locks === 1} : undefined;
  const speech = {window, terse: terse === 1};
  return {
    seed,
    profiles,
    tabs,
    tokenLife,
    partial: partial === 1,
    own: kind,
    ...speech,
    actions: lines.map(readAction),
  };
}

function readAction(line: string): Action {
  const [seconds, kind] = line.trim().split(' ');
  const {profile = 0, tab = 0, key = 0, n = 0, ms = 0} = numbersOf(line);
  return {kind: kind as ActionKind, at: Math.round(Number(seconds) * 1000), profile, tab, key, n, ms};
}

function numbersOf(line: string): Partial<Record<string, number>> {
  return Object.fromEntries([...line.matchAll(/(\w+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)]));
}
