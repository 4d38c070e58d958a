/** A folder over plain http, for demos: fixed content types, nothing outside the folder, a strict policy. */
import {createReadStream} from 'node:fs';
import {realpath, stat} from 'node:fs/promises';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {extname, join, resolve, sep} from 'node:path';

const TYPES = new Map(
  Object.entries({
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.mjs': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.json': 'application/json',
    '.map': 'application/json',
    '.webmanifest': 'application/manifest+json',
    '.svg': 'image/svg+xml',
    '.png': 'image/png',
    '.jpg': 'image/jpeg',
    '.webp': 'image/webp',
    '.ico': 'image/x-icon',
    '.woff2': 'font/woff2',
    '.wasm': 'application/wasm',
    '.txt': 'text/plain; charset=utf-8',
  }),
);

export type StaticHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function staticFiles(folder: string): StaticHandler {
  const root = resolve(folder);
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Method not allowed');
    const file = await findFile(root, request.url ?? '/');
    if (!file) return refuse(response, 404, 'Not found');
    const {size, mtimeMs} = await stat(file);
    const tag = `"${size.toString(36)}-${Math.trunc(mtimeMs).toString(36)}"`;
    const headers = {...securityHeaders(request.headers.host), etag: tag, 'cache-control': 'no-cache'};
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304, headers).end();
      return;
    }
    const type = TYPES.get(extname(file).toLowerCase()) ?? 'application/octet-stream';
    response.writeHead(200, {...headers, 'content-type': type, 'content-length': size});
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
  };
}

/** The file of a path, `index.html` of a folder; undefined outside the root, also by way of links and dot files. */
async function findFile(root: string, url: string): Promise<string | undefined> {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? '/');
    if (path.includes('\0') || path.includes('\\') || path.split('/').some(part => part.startsWith('.'))) {
      return undefined;
    }
    let file = join(root, path);
    if ((await stat(file)).isDirectory()) file = join(file, 'index.html');
    const real = await realpath(file);
    const inside = real.startsWith((await realpath(root)) + sep);
    return inside && (await stat(real)).isFile() ? real : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Scripts, workers, styles and connections of this host only. The WebSocket is named apart: Safari before 15.4 did not
 * take 'self' for ws: (WebKit bug 201591).
 */
function securityHeaders(host: string | undefined): Record<string, string> {
  const own = host && /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return {
    'content-security-policy': `default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src 'self'${own}; base-uri 'none'; form-action 'self'; frame-ancestors 'self'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  };
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}
