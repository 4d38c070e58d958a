/** What a database error means for an operation. The database's own words may quote other people's rows: they stay here. */
import {OperationRefused} from '../../operations/refusal.js';

/** Classes of SQLSTATE that pass: rollbacks, resources, operator intervention, system errors, connections. */
const TRANSIENT = new Set(['08', '25', '40', '53', '55', '57', '58']);

const CONSTRAINTS = new Map([
  ['23502', 'a value is missing'],
  ['23503', 'it refers to a row that is not there, or is referred to'],
  ['23505', 'another row has this value'],
  ['23514', 'a value is not allowed'],
  ['23P01', 'it conflicts with another row'],
]);

/** The refusal that a database error amounts to; anything else comes back as it was. */
export function refusalOf(thrown: unknown): unknown {
  const {code, column, constraint} = (thrown ?? {}) as {
    code?: unknown;
    column?: unknown;
    constraint?: unknown;
  };
  if (thrown instanceof OperationRefused || typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return thrown;
  const group = code.slice(0, 2);
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
  if (TRANSIENT.has(group)) {
    return new OperationRefused('busy', 'The database could not do it now', {
      retryable: true,
      retryAfter: 1000,
      cause: thrown,
    });
  }
  return thrown;
}
