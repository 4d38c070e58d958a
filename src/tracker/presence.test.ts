import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {freshName} from '../../test/helpers/storage.js';
import {browserPlatform} from '../platform/browser-platform.js';
import type {LockPort} from '../platform/platform.js';
import {subscriptionHash, type Want} from '../protocol/protocol.js';
import {Presence} from './presence.js';

/** Real Web Locks; time is the test's. */
describe('the presence of tabs', () => {
  let name: string;
  let clock: FakeClock;
  const open: AbortController[] = [];

  const tab = (wants: Want[] | undefined, locks: LockPort = browserPlatform().locks) =>
    new Presence({...browserPlatform(), clock, locks}, name, wants);
  /** A tab that is there, until what is returned is called. */
  const present = async (wants: Want[] | undefined) => {
    const gone = new AbortController();
    open.push(gone);
    const presence = tab(wants);
    let left = Promise.resolve();
    await new Promise<void>(held => {
      left = presence.hold(gone.signal, held);
    });
    const leave = () => {
      gone.abort();
      return left;
    };
    return {presence, leave};
  };

  beforeEach(() => {
    name = freshName('presence');
    clock = new FakeClock();
  });
  afterEach(() => {
    for (const controller of open.splice(0)) controller.abort();
  });

  it('is that of one, before anybody can see it', async () => {
    expect(await tab(['a']).look()).to.deep.equal({tabs: 1, wants: ['a']});
  });
  it('counts a tab once, and knows at once what all want', async () => {
    const {presence} = await present(['a']);
    await present(['b', {type: 'c', where: {'x/"': 'é'}}]);
    await present(['b']);
    const {tabs, wants} = await presence.look();
    expect(tabs).to.equal(3);
    expect(subscriptionHash(wants)).to.equal(subscriptionHash(['a', 'b', {type: 'c', where: {'x/"': 'é'}}]));
  });
  it('of one that wants everything is enough', async () => {
    const {presence} = await present(['a']);
    await present(undefined);
    expect(await presence.look()).to.deep.equal({tabs: 2, wants: undefined});
  });
  it('is over at once, but what was wanted counts for another minute', async () => {
    const {presence} = await present(['a']);
    const other = await present(['b']);
    await presence.look();
    await other.leave();
    await clock.advance(59_999);
    expect(await presence.look()).to.deep.equal({tabs: 1, wants: ['a', 'b']});
    await clock.advance(1);
    expect(await presence.look()).to.deep.equal({tabs: 1, wants: ['a']});
  });
  it('is reckoned from when a tab was seen last', async () => {
    const {presence} = await present(['a']);
    const other = await present(['b']);
    for (let look = 0; look < 5; look++) {
      await presence.look();
      await clock.advance(40_000);
    }
    await presence.look();
    await other.leave();
    await clock.advance(50_000);
    expect((await presence.look()).wants).to.deep.equal(['a', 'b']);
  });
  it('of those that were there before this one led is recalled for a minute', async () => {
    const {presence} = await present(['a']);
    presence.recall(['b']);
    expect((await presence.look()).wants).to.have.members(['a', 'b']);
    await clock.advance(60_000);
    expect((await presence.look()).wants).to.deep.equal(['a']);
  });
  it('is counted, but wants nothing, where its name says nothing that can be understood', async () => {
    const {presence} = await present(['a']);
    for (const strange of ['', 'x', '{}', '["__proto__"]', '[[', '1']) {
      const {locks} = browserPlatform();
      const gone = new AbortController();
      open.push(gone);
      await new Promise<void>(held => {
        void locks.request(`${name}/tab/${strange}/${strange}`, gone.signal, () => {
          held();
          return new Promise(resolve => gone.signal.addEventListener('abort', () => resolve()));
        });
      });
    }
    expect(await presence.look()).to.deep.equal({tabs: 7, wants: ['a']});
  });
  it('that can not be asked for is that of this tab alone', async () => {
    const locks: LockPort = {...browserPlatform().locks, held: () => Promise.reject(new Error('No'))};
    expect(await tab(['a'], locks).look()).to.deep.equal({tabs: 1, wants: ['a']});
  });
});
