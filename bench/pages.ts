/** Serves a bench's pages, without the policy that the server's own files get: these talk to sockets on other ports, too. */
import {once} from 'node:events';
import {createReadStream} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {basename, join} from 'node:path';
import {atEnd, type Scope} from '../test/e2e/harness.js';

export function filesOf(folder: string): (request: IncomingMessage, response: ServerResponse) => void {
  return ({url = '/'}, response) => {
    const file = url === '/' ? 'index.html' : basename(url);
    response.writeHead(200, {'content-type': file.endsWith('.js') ? 'text/javascript' : 'text/html'});
    createReadStream(join(folder, file))
      .on('error', () => response.destroy())
      .pipe(response);
  };
}

/** From this process, and so whatever the server that is measured has to do. @returns their address */
export async function servePages(scope: Scope, folder: string): Promise<string> {
  const server = createServer(filesOf(folder)).listen(0, '127.0.0.1');
  atEnd(scope, () => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
