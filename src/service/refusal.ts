import {Flaw} from '../protocol/take-operation.js';

/** What to throw for an operation that was not taken. The words are loaded now; where they can't be, the place must do. */
export async function refusalOf(thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof Flaw)) return thrown;
  const words = await import('../protocol/validate-operation.js').catch(() => undefined);
  return thrown.refusal(words?.whyOf(thrown) ?? 'it is not accepted');
}
