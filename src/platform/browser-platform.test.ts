import {expect} from '@open-wc/testing';
import {freshName} from '../../test/helpers/storage.js';
import {browserRandom, canLast} from './browser-context.js';
import {browserPlatform} from './browser-platform.js';

describe('the platform of a whole browser', () => {
  it('lacks nothing', () => {
    expect(canLast()).to.equal(true);
    expect(browserPlatform().storage.durable).to.equal(true);
  });
  it('makes ids that are never the same', () => {
    const ids = new Set(Array.from({length: 1000}, () => browserRandom.uuid()));
    expect(ids.size).to.equal(1000);
    for (const id of ids) expect(id).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
  it('makes them without crypto.randomUUID too, which an insecure page lacks', () => {
    const own = Object.getOwnPropertyDescriptor(crypto, 'randomUUID');
    Object.defineProperty(crypto, 'randomUUID', {value: undefined, configurable: true});
    try {
      expect(browserRandom.uuid()).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    } finally {
      if (own) Object.defineProperty(crypto, 'randomUUID', own);
      else Reflect.deleteProperty(crypto, 'randomUUID');
    }
  });
  it('counts the locks that are held under a prefix', async () => {
    const {locks} = browserPlatform();
    const name = freshName('lock');
    let release = () => {};
    const held = new Promise<void>(resolve => {
      release = resolve;
    });
    const taken = new Promise<void>(resolve => {
      void locks.request(`${name}/a`, new AbortController().signal, () => {
        resolve();
        return held;
      });
    });
    await taken;
    expect(await locks.held(`${name}/`)).to.have.length(1);
    expect(await locks.held(freshName('nothing'))).to.deep.equal([]);
    release();
  });
  it('waits no shorter for a time beyond what a timer can hold', async () => {
    const {clock} = browserPlatform();
    const fired: string[] = [];
    const cancel = clock.timer(2 ** 33, () => fired.push('far'));
    await new Promise<void>(resolve => {
      clock.timer(30, resolve);
    });
    cancel();
    expect(fired).to.deep.equal([]);
  });
  it('does not run what was cancelled', async () => {
    const {clock} = browserPlatform();
    const fired: string[] = [];
    const cancel = clock.timer(0, () => fired.push('cancelled'));
    cancel();
    cancel();
    await new Promise<void>(resolve => {
      clock.timer(10, resolve);
    });
    expect(fired).to.deep.equal([]);
  });
});
