/** The page's own small storage, where there is one and the page may have it. */

export type PageStorage = Pick<Storage, 'getItem' | 'removeItem'>;

export function pageStorage(): PageStorage | undefined {
  try {
    return globalThis.localStorage;
  } catch {
    // Looking is enough to be refused in a sandboxed frame, or where cookies are blocked.
    return undefined;
  }
}
