/** Why a server could not begin on a database, with a way out. Who starts a server may read the database's words. */
import {SyncError} from '../../../src/protocol/protocol.js';
import {isConnectionLost} from '../sql/pg-error.js';

/** @param where the database, without any secret */
export function startError(cause: unknown, where: string): unknown {
  if (cause instanceof SyncError || !(cause instanceof Error)) return cause;
  const code = String((cause as {code?: unknown}).code);
  // Several addresses that all refuse are one error without words.
  const words = cause.message === '' ? code : cause.message;
  const error = (name: string, message: string) => new SyncError(name, `${message} (${where}: ${words})`, {cause});
  if (code === '42501') {
    return error(
      'database-permission',
      'The role needs the right to CREATE in the database, and has to own the tables that are published',
    );
  }
  if (code === '25006') return error('database-permission', 'This database only reads: connect to the primary');
  if (code === '55P03' || code === '40P01') {
    return error(
      'database-busy',
      'A published table was in use for too long: try again when its transactions are over',
    );
  }
  const refused = /^(28|3D|53)/.test(code) || /SSL|certificate|self-signed|password must be a string/i.test(words);
  if (refused || isConnectionLost(cause)) return error('database-unreachable', 'The database lets nobody in');
  return cause;
}
