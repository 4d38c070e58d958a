/** Plain http, draining and the numbers a server gives of itself. */
import assert from 'node:assert/strict';
import {mkdir, symlink, writeFile} from 'node:fs/promises';
import {request} from 'node:http';
import {join} from 'node:path';
import {describe, it} from 'node:test';
import {TestClient} from './testing/client.js';
import {startServer, temporaryFolder} from './testing/harness.js';

/** A path as it is: `fetch` would tidy up the dots. */
function rawGet(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({port, path, host: '127.0.0.1'}, response => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('healthz', () => {
  it('tells generation, head and connections', async () => {
    const {source, url, port} = await startServer();
    await TestClient.greet(url);
    const response = await fetch(`http://127.0.0.1:${port}/healthz`);
    assert.equal(response.status, 200);
    const {generation, head} = source;
    assert.deepEqual(await response.json(), {status: 'ok', generation, headLSN: head.lsn, connections: 1});
  });

  it('is the only thing there without a folder', async () => {
    const {port} = await startServer();
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 404);
    assert.equal((await fetch(`http://127.0.0.1:${port}/api/sync`)).status, 404);
  });
});

describe('static files', () => {
  async function serve(): Promise<number> {
    const folder = await temporaryFolder();
    const root = join(folder, 'public');
    await mkdir(join(root, 'sub'), {recursive: true});
    await writeFile(join(folder, 'secret.txt'), 'secret');
    await writeFile(join(root, '.env'), 'secret');
    await writeFile(join(root, 'index.html'), '<!doctype html>');
    await writeFile(join(root, 'sub', 'index.html'), 'sub');
    await writeFile(join(root, 'app.js'), 'export {};');
    await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
    return (await startServer({static: root})).port;
  }

  it('come with their type, a tag and a policy without unsafe', async () => {
    const port = await serve();
    const page = await fetch(`http://127.0.0.1:${port}/`);
    assert.deepEqual([page.status, page.headers.get('content-type')], [200, 'text/html; charset=utf-8']);
    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /script-src 'self'; worker-src 'self'/);
    assert.match(policy, new RegExp(`connect-src 'self' ws://127.0.0.1:${port}`));
    assert.doesNotMatch(policy, /unsafe/);
    const script = await fetch(`http://127.0.0.1:${port}/app.js?v=1`);
    assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
    const tag = script.headers.get('etag') ?? '';
    const again = await fetch(`http://127.0.0.1:${port}/app.js`, {headers: {'if-none-match': tag}});
    assert.equal(again.status, 304);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/sub/`)).text(), 'sub');
    assert.equal((await fetch(`http://127.0.0.1:${port}/app.js`, {method: 'POST'})).status, 405);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/app.js`, {method: 'HEAD'})).text(), '');
  });

  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/sub/../../secret.txt',
    '/..\\secret.txt',
    '/.env',
    '/link.txt',
    '/app.js%00',
    '/%',
    '//etc/passwd',
    '/nothing',
  ]) {
    it(`do not lead outside by ${path}`, async () => {
      assert.equal(await rawGet(await serve(), path), 404);
    });
  }

  it('may be a handler of the host instead', async () => {
    const {port} = await startServer({static: (_request, response) => void response.writeHead(418).end()});
    assert.equal((await fetch(`http://127.0.0.1:${port}/x`)).status, 418);
  });
});

describe('draining', () => {
  it('finishes the operation in hand, then sends everyone away with a moment to come back at', async () => {
    let finish = () => {};
    const working = new Promise<void>(resolve => {
      finish = resolve;
    });
    let begin = () => {};
    const begun = new Promise<void>(resolve => {
      begin = resolve;
    });
    const {server, source, url, port} = await startServer({
      operations: {
        slow: async (_op, tx) => {
          begin();
          await working;
          await tx.write('task', 'a', {title: '1'}, 'merge');
        },
      },
    });
    const client = await TestClient.greet(url);
    const other = await TestClient.greet(url);
    client.operations([{id: 's', type: 'slow'}]);
    await begun;
    const drained = server.drain({spread: 20});
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 503);
    await assert.rejects(TestClient.connect(url), /503/);
    finish();
    assert.equal((await client.answer('s')).type, 'operation_ack');
    for (const one of [client, other]) {
      const error = await one.next('sync_error');
      assert.equal(error.code, 'draining');
      assert.ok((error.retryAfter ?? 0) >= 500);
      assert.equal((await one.closed).code, 4503);
    }
    await drained;
    assert.deepEqual(await source.transaction(tx => tx.read('task', 'a')), {id: 'a', title: '1'});
    assert.equal(server.stats().connections, 0);
  });
});

it('stats count the accepted sockets of each instance', async () => {
  const {server, url} = await startServer();
  await TestClient.connect(url);
  const one = await TestClient.greet(url, {instance: 'a'});
  await TestClient.greet(url, {instance: 'b'});
  assert.deepEqual(server.stats().instances, {a: 1, b: 1});
  assert.equal(server.stats().connections, 3);
  one.operations([{id: 'x', entityType: 'task', entityId: 'a'}]);
  await one.answer('x');
  assert.equal(server.stats().applied, 1);
});
