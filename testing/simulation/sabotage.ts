/**
 * What a run puts between the engine or the server and what they stand on: a bug that is planted, to see whether it is seen, or
 * code of one's own, such as a source behind another one. It may wait for nothing but what it wraps.
 */

import type {ChangeSource} from '../../server/source/change-source.js';
import type {Database} from '../../src/database/own.js';
import type {LockPort, SocketPort} from '../../src/platform/platform.js';
import type {StoragePort} from '../../src/platform/storage.js';

export interface Sabotage {
  storage?(port: StoragePort): StoragePort;
  sockets?(port: SocketPort): SocketPort;
  locks?(port: LockPort): LockPort;
  source?(source: ChangeSource): ChangeSource;
  /** A database of the user's own, as one page has it. */
  own?(database: Database): Database;
  /** Changes prototypes; returns what puts them back. */
  install?(): () => void;
}
