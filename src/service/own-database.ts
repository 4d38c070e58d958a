/** A database of the user's own as an option: checked, described to the engine, and served to it by code that loads on demand. */
import type {Database} from '../database/own.js';
import type {Desk} from '../manager/manager.js';
import {type DatabaseAnswer, type EngineConfig, SyncError} from '../protocol/protocol.js';

/** @throws SyncError `invalid-options` */
export function ownConfig(database: Database): Pick<EngineConfig, 'database' | 'own'> {
  const {scope = 'origin', name = ''} = database;
  if (typeof database.transaction !== 'function' || !['origin', 'tab'].includes(scope) || typeof name !== 'string') {
    throw new SyncError('invalid-options', 'database: use a name, or an object with a method `transaction`');
  }
  // A name that no embedded replica has: what is kept beside these rows must not be taken for theirs.
  const own = {scope, clears: database.clear !== undefined};
  return {database: JSON.stringify(['own', name]), own};
}

/** Makes a desk for each engine that comes to run. */
export function deskMaker(database: Database): (post: (answer: DatabaseAnswer) => void) => Desk {
  return post => {
    const loading = import('../database/own-desk.js').then(({openDesk}) => openDesk(database, post));
    return {
      hear: said => {
        const failed = (error: unknown) =>
          post({kind: 'database', ask: said.ask, error: SyncError.from(error, 'database-failed').toRecord()});
        loading.then(desk => desk.hear(said), failed);
      },
      close: () => void loading.then(desk => desk.close()).catch(() => {}),
    };
  };
}
