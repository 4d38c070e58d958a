import {expect} from '@open-wc/testing';
import {thrownCode} from '../../test/helpers/errors.js';
import {resolveUrl} from './resolve-url.js';

const HTTPS = 'https://app.example/shop/index.html?x=1#top';
const HTTP = 'http://localhost:8000/shop/';

describe('the address of the server', () => {
  const good: [url: string, base: string | undefined, resolved: string][] = [
    ['wss://sync.example/api/sync', HTTPS, 'wss://sync.example/api/sync'],
    ['wss://sync.example', HTTPS, 'wss://sync.example/api/sync'],
    ['wss://sync.example/', HTTPS, 'wss://sync.example/api/sync'],
    ['wss://sync.example/?tenant=1', HTTPS, 'wss://sync.example/api/sync?tenant=1'],
    ['wss://sync.example/other?tenant=1', HTTPS, 'wss://sync.example/other?tenant=1'],
    ['wss://sync.example:8443/x', undefined, 'wss://sync.example:8443/x'],
    ['https://sync.example/x', HTTPS, 'wss://sync.example/x'],
    ['http://localhost:8000/x', HTTP, 'ws://localhost:8000/x'],
    ['/', HTTPS, 'wss://app.example/api/sync'],
    ['/sync', HTTPS, 'wss://app.example/sync'],
    ['sync', HTTPS, 'wss://app.example/shop/sync'],
    ['//other.example/sync', HTTPS, 'wss://other.example/sync'],
    ['/', HTTP, 'ws://localhost:8000/api/sync'],
    ['ws://sync.example/x', HTTP, 'ws://sync.example/x'],
    ['ws://sync.example/x', undefined, 'ws://sync.example/x'],
    ['ws://localhost/x', HTTPS, 'ws://localhost/x'],
    ['ws://app.localhost/x', HTTPS, 'ws://app.localhost/x'],
    ['ws://127.0.0.1/x', HTTPS, 'ws://127.0.0.1/x'],
    ['ws://127.1/x', HTTPS, 'ws://127.0.0.1/x'],
    ['ws://[::1]/x', HTTPS, 'ws://[::1]/x'],
    ['  wss://sync.example/x\n', HTTPS, 'wss://sync.example/x'],
    ['WSS://SYNC.EXAMPLE/X', HTTPS, 'wss://sync.example/X'],
    ['wss://ünï.example/x', HTTPS, 'wss://xn--n-nga1b.example/x'],
    ['/<script>alert(1)</script>', HTTPS, 'wss://app.example/%3Cscript%3Ealert(1)%3C/script%3E'],
    ['/a\u202eb', HTTPS, 'wss://app.example/a%E2%80%AEb'],
  ];
  for (const [url, base, resolved] of good) {
    it(`${url.trim()} on ${base ?? 'no page'} is ${resolved}`, () => expect(resolveUrl(url, base)).to.equal(resolved));
  }
  it('may be a URL object, which stays as it is', () => {
    const url = new URL('https://sync.example/x');
    expect(resolveUrl(url, undefined)).to.equal('wss://sync.example/x');
    expect(url.href).to.equal('https://sync.example/x');
  });

  const bad: [what: string, url: string, base: string | undefined, code: string][] = [
    ['empty', '', HTTPS, 'invalid-url'],
    ['blank', ' \n\t', HTTPS, 'invalid-url'],
    ['javascript:', 'javascript:alert(1)', HTTPS, 'invalid-url'],
    ['JavaScript: in disguise', ' \u0001JaVaScRiPt\n:alert(1)', HTTPS, 'invalid-url'],
    ['data:', 'data:text/html,x', HTTPS, 'invalid-url'],
    ['blob:', 'blob:https://app.example/1', HTTPS, 'invalid-url'],
    ['file:', 'file:///etc/passwd', HTTPS, 'invalid-url'],
    ['ftp:', 'ftp://sync.example/', HTTPS, 'invalid-url'],
    ['about:', 'about:blank', HTTPS, 'invalid-url'],
    ['credentials', 'wss://ana:secret@sync.example/x', HTTPS, 'invalid-url'],
    ['a user alone', 'wss://ana@sync.example/x', HTTPS, 'invalid-url'],
    ['a password alone', 'wss://:secret@sync.example/x', HTTPS, 'invalid-url'],
    ['a fragment', 'wss://sync.example/x#y', HTTPS, 'invalid-url'],
    ['an empty fragment, which a socket refuses as well', 'wss://sync.example/x#', HTTPS, 'invalid-url'],
    ['a fragment alone', '#y', HTTPS, 'invalid-url'],
    ['no host', 'wss://', HTTPS, 'invalid-url'],
    ['a host with markup', 'wss://<b>/x', HTTPS, 'invalid-url'],
    ['a port that is none', 'wss://sync.example:99999/x', HTTPS, 'invalid-url'],
    ['relative without a page', '/sync', undefined, 'invalid-url'],
    ['relative to a page without an address', '/sync', 'about:srcdoc', 'invalid-url'],
    ['10 MB', `wss://sync.example/${'x'.repeat(10_000_000)}`, HTTPS, 'invalid-url'],
    ['ws: on an https page', 'ws://sync.example/x', HTTPS, 'insecure-url'],
    ['http: on an https page', 'http://sync.example/x', HTTPS, 'insecure-url'],
    ['a look-alike of localhost', 'ws://localhost.evil.example/x', HTTPS, 'insecure-url'],
    ['another look-alike', 'ws://notlocalhost/x', HTTPS, 'insecure-url'],
    ['a look-alike of 127.0.0.1', 'ws://127.0.0.1.evil.example/x', HTTPS, 'insecure-url'],
    ['any address', 'ws://0.0.0.0/x', HTTPS, 'insecure-url'],
  ];
  for (const [what, url, base, code] of bad) {
    it(`${what}: ${code}`, () => expect(thrownCode(() => resolveUrl(url, base))).to.equal(code));
  }
  for (const value of [undefined, null, 5, {}, []] as unknown as string[]) {
    it(`${JSON.stringify(value)}, from untyped callers, is no address of nowhere`, () =>
      expect(thrownCode(() => resolveUrl(value, undefined))).to.equal('invalid-url'));
  }
  it('that is good is one that a socket takes', () => {
    for (const [url, base] of good) {
      const socket = new WebSocket(resolveUrl(url, base).replace(/^(wss?:\/\/)[^/]+/, '$1localhost:9'));
      socket.close();
    }
  });
});
