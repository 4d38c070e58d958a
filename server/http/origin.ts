/** Who may open a socket: a browser sends cookies along from any page, so the page's origin is checked exactly. */

export interface OriginRules {
  origins: readonly string[] | '*' | undefined;
  allowNoOrigin: boolean;
}

/** `null` (sandboxed frames, files) is an origin like any other: allowed only where it is listed. */
export function originAllowed(origin: string | undefined, host: string | undefined, rules: OriginRules): boolean {
  if (origin === undefined) return rules.allowNoOrigin;
  if (rules.origins === '*') return true;
  if (rules.origins) return rules.origins.includes(origin);
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return false;
  }
  // Compared whole: a look-alike such as https://app.example.evil.test only begins the same.
  const known = url.protocol === 'http:' || url.protocol === 'https:';
  return known && url.origin === origin && host !== undefined && url.host === host.toLowerCase();
}
