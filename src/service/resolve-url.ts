/** The address of the server, checked where it enters. */
import {SyncError} from '../protocol/protocol.js';

const DEFAULT_PATH = '/api/sync';

/**
 * An absolute `ws:` or `wss:` address. `http(s):` is read as its socket twin; the path defaults to `/api/sync`.
 * @param base the page's address, undefined where there is none
 * @throws SyncError `invalid-url`, `insecure-url`
 */
export function resolveUrl(url: string | URL, base: string | undefined): string {
  const text = String(url);
  if (text.trim() === '' || text.length > 2048) throw invalid('it is empty or too long');
  let parsed: URL;
  try {
    parsed = new URL(text, base);
  } catch {
    throw invalid('it is no URL');
  }
  if (parsed.protocol === 'http:') parsed.protocol = 'ws:';
  if (parsed.protocol === 'https:') parsed.protocol = 'wss:';
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') throw invalid(`'${parsed.protocol}' is no socket`);
  if (parsed.username || parsed.password) throw invalid('it carries credentials');
  if (parsed.href.includes('#')) throw invalid('it carries a fragment');
  if (parsed.protocol === 'ws:' && base?.startsWith('https:') && !isLoopback(parsed.hostname)) {
    throw new SyncError('insecure-url', 'A page on https may connect to wss: only');
  }
  if (parsed.pathname === '/') parsed.pathname = DEFAULT_PATH;
  return parsed.href;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function invalid(why: string): SyncError {
  return new SyncError('invalid-url', `url: ${why}`);
}
