/** Where the connection stands, as its diagram has it. Pure. */
import type {WelcomeFrame} from '../protocol/protocol.js';
import type {Turns} from '../queue/turns.js';
import type {Attempt} from './attempt.js';
import type {Line} from './line.js';
import type {LineFacts} from './worker.js';

export type LineState =
  | {kind: 'stopped'}
  | {kind: 'refused'}
  /** `asked`: the server named the time. */
  | {kind: 'waiting'; retryAt: number; asked: boolean}
  | {kind: 'trying'; attempt: Attempt}
  /** `greetings`: after the first, one at a time, and one for all that are asked for meanwhile. */
  | {kind: 'open'; line: Line; welcome: WelcomeFrame; greetings: Turns};

/** What there is to send on, if anything. */
export function lineOf(state: LineState): Line | undefined {
  if (state.kind === 'trying') return state.attempt.line;
  return state.kind === 'open' ? state.line : undefined;
}

/** @param taken the name of the token that the server took last */
export function factsOf(state: LineState, taken: string | null): Pick<LineFacts, 'phase' | 'nextRetryAt' | 'shown'> {
  const {kind} = state;
  return {
    phase: kind === 'trying' ? 'connecting' : kind === 'refused' ? 'stopped' : kind,
    nextRetryAt: kind === 'waiting' ? state.retryAt : null,
    shown: kind === 'open' ? taken : null,
  };
}
