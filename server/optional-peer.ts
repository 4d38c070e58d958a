/** Loads the optional peers, and says how to install them where they are missing. */
import {SyncError} from '../src/protocol/protocol.js';

const INSTALL = {
  ws: 'ws @electric-sql/pglite (or, for a Postgres server: npm install ws pg)',
  '@electric-sql/pglite': 'ws @electric-sql/pglite',
  pg: 'ws pg',
} as const;

/** @throws SyncError `missing-peer`, naming the install command */
export async function loadPeer<T>(name: keyof typeof INSTALL, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause;
    throw new SyncError(
      'missing-peer',
      `The server needs the package '${name}'. Install it with: npm install ${INSTALL[name]}`,
      {cause},
    );
  }
}

/** Only the package itself counts: a module missing further down is another fault, with a message of its own. */
function isMissing(cause: unknown, name: string): boolean {
  if (!(cause instanceof Error)) return false;
  const {code} = cause as NodeJS.ErrnoException;
  return code === 'ERR_MODULE_NOT_FOUND' && cause.message.includes(`'${name}'`);
}
