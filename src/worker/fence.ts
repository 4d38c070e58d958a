import type {Commits} from '../database/database.js';
import type {SessionContext} from './worker.js';

/**
 * Resigns where storage is not this leader's any more: another tab has taken over, or has wiped it all and died before it
 * could say so. @returns whether that is so
 */
export async function standDown({resign}: Pick<SessionContext, 'resign'>, journal: Commits): Promise<boolean> {
  const isOver = await journal.isOvertaken();
  if (isOver) resign();
  return isOver;
}
