import {expect} from '@open-wc/testing';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {FakeSockets} from '../../test/helpers/fake-socket.js';
import type {Platform} from '../platform/platform.js';
import {parseClientFrame, type WelcomeFrame} from '../protocol/protocol.js';
import {nameOf, type TokenAnswer} from './credentials.js';
import {Identity} from './identity.js';

const WELCOME: WelcomeFrame = {
  ...{type: 'welcome', protocol: 1, subject: 'bob', generation: 'g', headLSN: '0/1', serverTime: 0, heartbeat: 15_000},
  limits: {operation: 1000, frame: 1000, operations: 10},
};

describe('whose token a page gives, where another tab has the line', () => {
  let clock: FakeClock;
  let sockets: FakeSockets;
  let answer: TokenAnswer;
  let identity: Identity;
  const ofLeader = nameOf('of ann') ?? '';

  beforeEach(() => {
    clock = new FakeClock();
    sockets = new FakeSockets();
    answer = {token: 'of bob'};
    const platform = {sockets, clock, random: {uuid: () => 'nobody', fraction: () => 0}} as unknown as Platform;
    identity = new Identity(platform, 'wss://example.com/', async () => answer);
  });
  afterEach(() => expect(clock.pending).to.equal(0));

  /** Asks, as far as to the open socket. */
  async function dialled(): Promise<{subject: Promise<string | undefined>}> {
    const subject = identity.of(ofLeader, 'ann');
    await settle();
    sockets.last.handlers.open();
    return {subject};
  }

  it('is the same as the leader’s, without a socket, where the token is the same', async () => {
    answer = {token: 'of ann'};
    expect(await identity.of(ofLeader, 'ann')).to.equal('ann');
    expect(sockets.all).to.have.length(0);
  });
  it('can’t be said where the page has none, or does not answer', async () => {
    for (const none of [{token: undefined}, undefined]) {
      answer = none;
      expect(await identity.of(ofLeader, 'ann')).to.equal(undefined);
    }
    expect(sockets.all).to.have.length(0);
  });
  it('is what the server says to a greeting in the name of nobody, who claims nothing', async () => {
    const {subject} = await dialled();
    const [greeting] = sockets.last.sent;
    expect(parseClientFrame(JSON.stringify(greeting))).to.include({subject: 'nobody', token: 'of bob', epoch: 0});
    sockets.last.receive(WELCOME);
    expect(await subject).to.equal('bob');
    expect(sockets.last.closedWith?.code).to.equal(1000);
  });
  it('is asked once for a token', async () => {
    const {subject} = await dialled();
    sockets.last.receive(WELCOME);
    await subject;
    expect(await identity.of(ofLeader, 'ann')).to.equal('bob');
    expect(sockets.all).to.have.length(1);
  });

  it('is not asked any more where nobody wants to know it once the page has found its token', async () => {
    const subject = identity.of(ofLeader, 'ann');
    identity.rest();
    expect(await subject).to.equal(undefined);
    expect(sockets.all).to.have.length(0);
  });

  const FAILURES: Record<string, () => unknown> = {
    'is refused': () => sockets.last.receive({type: 'sync_error', code: 'unauthorized', message: 'no'}),
    'is closed': () => sockets.last.handlers.close(1006, ''),
    'says nothing': () => clock.advance(10_000),
    'speaks no JSON': () => sockets.last.handlers.message('<html>'),
    'sends what is no text': () => sockets.last.handlers.binary(),
    'is no longer wanted': () => identity.rest(),
  };
  for (const [failure, happen] of Object.entries(FAILURES)) {
    it(`can’t be said where the socket ${failure}, and is asked again the next time`, async () => {
      const {subject} = await dialled();
      await happen();
      expect(await subject).to.equal(undefined);
      expect(sockets.last.closedWith).not.to.equal(undefined);
      const {subject: again} = await dialled();
      sockets.last.receive(WELCOME);
      expect(await again).to.equal('bob');
    });
  }
});
