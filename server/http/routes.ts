/** Plain http: the health check, then the host's own files or handler, else 404. */
import type {IncomingMessage, ServerResponse} from 'node:http';
import type {Settings} from '../options.js';
import {staticFiles} from './static-files.js';

export interface Health {
  status: 'ok' | 'draining';
  generation: string;
  headLSN: string;
  connections: number;
}

export function requestHandler(
  settings: Settings,
  health: () => Health,
): (request: IncomingMessage, response: ServerResponse) => void {
  const {static: files, logger} = settings;
  const rest = typeof files === 'string' ? staticFiles(files) : files;
  return (request, response) => {
    const [path] = (request.url ?? '/').split('?', 1);
    if (path === '/healthz') {
      const body = health();
      response.writeHead(body.status === 'ok' ? 200 : 503, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
      response.end(`${JSON.stringify(body)}\n`);
      return;
    }
    if (!rest) {
      response.writeHead(404, {'content-type': 'text/plain; charset=utf-8'}).end('Not found\n');
      return;
    }
    void Promise.resolve(rest(request, response)).catch(error => {
      logger.error('A request failed', error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, {'content-type': 'text/plain; charset=utf-8'}).end('Internal error\n');
    });
  };
}
