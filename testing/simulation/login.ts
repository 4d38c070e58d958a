/** Who may come in, and what they may see: the login service of the pages, and the server's side of it. */
import type {Identity, RowRule} from '../../server/options.js';

/** What the page's login service gives. @param expires milliseconds since 1970 */
export function writeToken(subject: string, expires: number): string {
  return `${subject} ${Math.round(expires)}`;
}

export function readToken(token: string | undefined): Identity | null {
  const [subject = '', expires] = token?.split(' ') ?? [];
  return subject ? {subject, expires: Number(expires)} : null;
}

export function ownRows(table: string, {subject}: Identity): RowRule {
  return table === 'own' ? {owner: subject} : true;
}
