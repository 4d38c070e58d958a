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

export function factsOf(state: LineState): Pick<LineFacts, 'phase' | 'nextRetryAt'> {
  const nextRetryAt = state.kind === 'waiting' ? state.retryAt : null;
  if (state.kind === 'trying') return {phase: 'connecting', nextRetryAt};
  return {phase: state.kind === 'refused' ? 'stopped' : state.kind, nextRetryAt};
}
