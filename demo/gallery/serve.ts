/** Serves the stage from the sources: to the photographer, and to the test that looks at it in ways a picture can't. */
import {fileURLToPath} from 'node:url';
import {createServer} from 'vite';

export async function serveGallery(): Promise<{url: string; close(): Promise<void>}> {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('../..', import.meta.url)),
    logLevel: 'error',
    server: {host: '127.0.0.1', port: 0, hmr: false},
    optimizeDeps: {include: ['lit']},
  });
  await server.listen();
  return {url: `${server.resolvedUrls?.local[0]}demo/gallery/`, close: () => server.close()};
}
