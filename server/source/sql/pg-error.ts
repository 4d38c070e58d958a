/** What a database error means for an operation. The database's own words may quote other people's rows: they stay here. */
import {OperationRefused} from '../../operations/refusal.js';

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** Classes of SQLSTATE that pass: rollbacks, resources, operator intervention, system errors, connections. */
const TRANSIENT = new Set(['08', '25', '40', '53', '55', '57', '58']);

const CONSTRAINTS = new Map([
  ['23502', 'a value is missing'],
  ['23503', 'it refers to a row that is not there, or is referred to'],
  ['23505', 'another row has this value'],
  ['23514', 'a value is not allowed'],
  ['23P01', 'it conflicts with another row'],
]);

/** What drivers and the system say of a connection that is gone, or was never had; of these none has an SQLSTATE. */
const LOST = /^(Connection terminated|Query read timeout|timeout e|Client (has|was)|Cannot use a pool)/;

/** Whether the connection is to blame; whether what was asked of it was done is then unknown. */
export function isConnectionLost(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code = String((thrown as {code?: unknown}).code);
  // EPIPE looks like an SQLSTATE; no class of those begins like that.
  if (/^E[A-Z]{3,}$/.test(code) || LOST.test(thrown.message)) return true;
  return SQLSTATE.test(code) && /^(08|57P|25P03)/.test(code);
}

/** The refusal that a database error amounts to; anything else comes back as it was. */
export function refusalOf(thrown: unknown): unknown {
  if (thrown instanceof OperationRefused) return thrown;
  if (isConnectionLost(thrown)) return busy(thrown);
  const {code, column, constraint, schema} = (thrown ?? {}) as Partial<Record<string, unknown>>;
  if (typeof code !== 'string' || !SQLSTATE.test(code)) return thrown;
  const group = code.slice(0, 2);
  // Of a table of ours: the same operation was being applied at the same time, and will be found when it is sent again.
  if (group === '23' && schema === 'sync') return busy(thrown);
  const where = typeof column === 'string' ? `: column '${column}'` : constraint ? `: ${String(constraint)}` : '';
  if (group === '23') {
    const why = CONSTRAINTS.get(code) ?? 'a constraint is broken';
    return new OperationRefused('constraint', `The database refuses the row, ${why}${where}`, {
      cause: thrown,
    });
  }
  if (group === '22') {
    return new OperationRefused('invalid-value', `A value does not fit its column (SQLSTATE ${code})${where}`, {
      cause: thrown,
    });
  }
  if (group === 'P0' || group === '44') {
    return new OperationRefused('constraint', `A rule of the database refuses the row (SQLSTATE ${code})`, {
      cause: thrown,
    });
  }
  return TRANSIENT.has(group) ? busy(thrown) : thrown;
}

function busy(cause: unknown): OperationRefused {
  return new OperationRefused('busy', 'The database could not do it now', {retryable: true, retryAfter: 1000, cause});
}
