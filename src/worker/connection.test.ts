import {expect} from '@open-wc/testing';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {type FakeSocket, FakeSockets} from '../../test/helpers/fake-socket.js';
import {levelLogger} from '../platform/logger.js';
import type {Platform} from '../platform/platform.js';
import {type ClientFrame, type ServerFrame, SyncError, type SyncFrame} from '../protocol/protocol.js';
import {Connection} from './connection.js';
import type {TokenAnswer} from './credentials.js';
import type {ConnectionHooks} from './worker.js';

const GREETING: SyncFrame = {
  type: 'sync',
  protocol: 1,
  clientId: 'c',
  instance: 'i',
  epoch: 1,
  stream: 1,
  settled: 1,
  window: 1,
};

describe('the connection', () => {
  let clock: FakeClock;
  let sockets: FakeSockets;
  let log: string[];
  let frames: ServerFrame[];
  let connection: Connection;
  let greeting: ConnectionHooks['greeting'];
  /** What the page says: each call takes the first, the last one stays. */
  let tokens: TokenAnswer[];

  const make = (hasToken = true) => {
    const silent = levelLogger('silent', console);
    const random = {fraction: () => 0.5, uuid: () => 'u'};
    const platform = {clock, sockets, random} as unknown as Platform;
    connection = new Connection(
      {platform, logger: silent, url: 'wss://test/api/sync', frameChars: 10_000, hasToken},
      {
        token: async () => (tokens.length > 1 ? tokens.shift() : tokens[0]),
        greeting: () => greeting(),
        opened: ({subject}) => log.push(`opened ${subject}`),
        frame: frame => frames.push(frame),
        foreign: body => log.push(`foreign ${body['type']}`),
        complaint: ({code}) => log.push(`complaint ${code}`),
        malformed: ({code}) => log.push(`malformed ${code}`),
        closed: code => log.push(`closed ${code}`),
        retrying: attempt => log.push(`retrying ${attempt}`),
        fenced: () => log.push('fenced'),
        barren: () => log.push('barren'),
        changed: () => {},
      },
    );
  };
  beforeEach(() => {
    clock = new FakeClock();
    sockets = new FakeSockets();
    log = [];
    frames = [];
    greeting = async () => GREETING;
    tokens = [{token: 't1'}, {token: 't2'}, {token: 't3'}];
    make();
  });

  const welcome = (more: object = {}) => ({
    type: 'welcome',
    protocol: 1,
    subject: 'ana',
    generation: 'g',
    headLSN: '0/A',
    serverTime: clock.now(),
    heartbeat: 15_000,
    limits: {operation: 1, frame: 1, operations: 1},
    ...more,
  });
  const head = {type: 'head', stream: 1, n: 1, prevLSN: '0/A', lsn: '0/B', serverTime: 0};
  const start = async () => {
    connection.start();
    await settle();
  };
  /** The present socket, opened and greeted. */
  const greeted = async (): Promise<FakeSocket> => {
    const socket = sockets.last;
    socket.handlers.open();
    await settle();
    return socket;
  };
  const opened = async (more: object = {}): Promise<FakeSocket> => {
    if (connection.facts.phase === 'stopped') await start();
    const socket = await greeted();
    socket.receive(welcome(more));
    return socket;
  };
  const wait = () => (connection.facts.nextRetryAt ?? 0) - clock.now();

  describe('opening', () => {
    it('greets first, and is open with the welcome', async () => {
      await start();
      expect(sockets.last.url).to.equal('wss://test/api/sync');
      expect(connection.facts).to.include({phase: 'connecting', attempts: 0});
      const socket = await greeted();
      expect(socket.sent).to.deep.equal([{...GREETING, token: 't1'}]);
      expect(connection.facts.phase).to.equal('connecting');
      socket.receive(welcome());
      expect(connection.facts).to.include({phase: 'open', attempts: 0, unreachable: false, error: null});
      expect(log).to.deep.equal(['opened ana']);
    });
    it('is done once, however often it is asked for', async () => {
      await start();
      await start();
      await opened();
      await start();
      expect(sockets.all.length).to.equal(1);
    });
    it('knows how far the clocks are apart, half the way there counted', async () => {
      await start();
      const socket = await greeted();
      await clock.advance(200);
      socket.receive(welcome({serverTime: clock.now() + 5000}));
      expect(connection.facts).to.include({clockOffset: 5100, latency: 200});
    });
    it('that takes 10 s is given up, and tried again', async () => {
      await start();
      await clock.advance(10_000);
      expect(sockets.last.closedWith).to.include({code: 4000});
      expect(connection.facts).to.include({phase: 'waiting', attempts: 1});
      await clock.advance(wait());
      expect(sockets.all.length).to.equal(2);
    });
    it('without a welcome within 10 s is given up', async () => {
      await start();
      await greeted();
      await clock.advance(9_999);
      expect(connection.facts.phase).to.equal('connecting');
      await clock.advance(1);
      expect(connection.facts).to.include({phase: 'waiting', attempts: 1});
    });
    it('whose greeting can not be made is tried again', async () => {
      greeting = async () => {
        throw new Error('no storage');
      };
      await start();
      await greeted();
      expect(connection.facts).to.include({phase: 'waiting', attempts: 1});
    });
    it('of an address that the browser refuses stops, with a reason', async () => {
      sockets.connect = () => {
        throw new DOMException('bad', 'SyntaxError');
      };
      await start();
      expect(connection.facts.phase).to.equal('stopped');
      expect(connection.facts.error).to.include({code: 'invalid-url'});
    });
    it('says unreachable after 15 s without a greeting, and not any more once there was one', async () => {
      await start();
      await clock.advance(14_999);
      expect(connection.facts.unreachable).to.equal(false);
      await clock.advance(1);
      expect(connection.facts.unreachable).to.equal(true);
      await clock.advance(Math.max(0, wait()));
      await opened();
      expect(connection.facts.unreachable).to.equal(false);
    });
    it('lets nothing be applied before the welcome', async () => {
      await start();
      const socket = await greeted();
      socket.receive(head);
      expect(frames).to.deep.equal([]);
      expect(log).to.include('malformed bad-frame');
      expect(socket.closedWith).to.include({code: 4400});
    });
    it('by another version of the protocol stops: reload', async () => {
      await start();
      const socket = await greeted();
      socket.receive(welcome({protocol: 2}));
      expect(connection.facts.error).to.include({code: 'protocol-version', action: 'reload'});
      expect(connection.facts.phase).to.equal('stopped');
      await clock.advance(600_000);
      expect(sockets.all.length).to.equal(1);
    });
  });

  describe('trying again', () => {
    it('waits longer each time, and never gives up', async () => {
      await start();
      const waits: number[] = [];
      for (let round = 0; round < 12; round++) {
        sockets.last.handlers.close(1006, '');
        waits.push(wait());
        await clock.advance(wait());
      }
      expect(waits).to.deep.equal([750, 1000, 1500, 2500, 4500, 8500, ...Array(6).fill(15_250)]);
      expect(sockets.all.length).to.equal(13);
    });
    it('begins with short waits again only after 10 s of stability', async () => {
      await start();
      for (let round = 0; round < 5; round++) {
        sockets.last.handlers.close(1006, '');
        await clock.advance(wait());
      }
      (await opened()).handlers.close(1006, '');
      expect(connection.facts.attempts).to.equal(6);
      await clock.advance(wait());
      const socket = await opened();
      await clock.advance(10_000);
      expect(connection.facts.attempts).to.equal(0);
      socket.handlers.close(1006, '');
      expect(connection.facts.attempts).to.equal(1);
    });
    it('waits as long as the server says', async () => {
      const socket = await opened();
      socket.receive({type: 'sync_error', code: 'slow-down', message: 'm', retryAfter: 77_000});
      socket.handlers.close(4429, '');
      expect(wait()).to.equal(77_000);
      expect(log).to.include('complaint slow-down');
    });
    it('forgets what the server said with the socket it said it on', async () => {
      const socket = await opened();
      socket.receive({type: 'sync_error', code: 'slow-down', message: 'm', retryAfter: 77_000});
      socket.handlers.close(4429, '');
      await clock.advance(77_000);
      sockets.last.handlers.close(1006, '');
      expect(wait()).to.be.below(30_000);
    });
    it('after 1000 from the server is trying again: nobody here asked for it', async () => {
      (await opened()).handlers.close(1000, 'bye');
      expect(connection.facts.phase).to.equal('waiting');
    });
    it('is cut short when the network comes back, once', async () => {
      await start();
      for (let round = 0; round < 8; round++) {
        sockets.last.handlers.close(1006, '');
        if (round < 7) await clock.advance(wait());
      }
      expect(wait()).to.equal(15_250);
      connection.probe();
      expect(wait()).to.equal(750);
      await clock.advance(500);
      connection.probe();
      expect(wait()).to.equal(250);
    });
    it('is not cut short where the server asked for patience', async () => {
      await start();
      sockets.last.handlers.close(1006, '');
      await clock.advance(wait());
      const socket = await opened();
      socket.receive({type: 'sync_error', code: 'draining', message: 'm', retryAfter: 60_000});
      socket.handlers.close(4503, '');
      connection.probe();
      expect(wait()).to.equal(60_000);
    });
    it('at once and from the beginning is what force does', async () => {
      await start();
      for (let round = 0; round < 4; round++) {
        sockets.last.handlers.close(1006, '');
        await clock.advance(wait());
      }
      const before = sockets.last;
      connection.force();
      expect(before.closedWith).to.include({code: 1000});
      expect(connection.facts).to.include({phase: 'connecting', attempts: 0});
      before.handlers.close(1000, 'forced');
      expect(connection.facts).to.include({phase: 'connecting', attempts: 0});
    });
    it('by force tells of the open line that it closed', async () => {
      await opened();
      connection.force();
      expect(log.filter(line => line.startsWith('closed'))).to.have.length(1);
    });
  });

  describe('a dead socket', () => {
    it('is not heard any more, whatever it still says', async () => {
      await start();
      const dead = sockets.last;
      await clock.advance(10_000);
      await clock.advance(wait());
      const alive = await opened();
      const before = [...log];
      dead.handlers.open();
      await settle();
      dead.receive(welcome({subject: 'bob'}));
      dead.receive(head);
      dead.handlers.message('rubbish');
      dead.handlers.binary();
      dead.handlers.close(4403, 'dead');
      expect(log).to.deep.equal(before);
      expect(frames).to.deep.equal([]);
      expect(dead.sent).to.deep.equal([]);
      expect(alive.closedWith).to.equal(undefined);
      expect(connection.facts.phase).to.equal('open');
    });
    it('is not greeted, though its greeting was made meanwhile', async () => {
      let finish: (frame: SyncFrame) => void = () => {};
      greeting = () =>
        new Promise(resolve => {
          finish = resolve;
        });
      await start();
      const dead = await greeted();
      dead.handlers.close(1006, '');
      finish(GREETING);
      await settle();
      expect(dead.sent).to.deep.equal([]);
      expect(connection.facts.phase).to.equal('waiting');
    });
    it('that was stopped while it greeted stays stopped', async () => {
      await start();
      const socket = await greeted();
      connection.stop();
      socket.receive(welcome());
      expect(connection.facts.phase).to.equal('stopped');
      expect(log).to.deep.equal([]);
    });
    it('gets no second greeting that was asked for before it died', async () => {
      const socket = await opened();
      const again = connection.greetAgain();
      socket.handlers.close(1006, '');
      await again;
      expect(socket.types()).to.deep.equal(['sync']);
    });
  });

  describe('silence', () => {
    it('is asked about after 15 s, and ends the line 10 s later', async () => {
      const socket = await opened();
      await clock.advance(15_000);
      expect(socket.types()).to.deep.equal(['sync', 'ping']);
      await clock.advance(10_000);
      expect(connection.facts).to.include({phase: 'waiting', attempts: 1});
      expect(log).to.deep.equal(['opened ana', 'closed 1006', 'retrying 1']);
      expect(socket.closedWith).to.not.equal(undefined);
    });
    it('is broken by any frame, and a pong tells the latency', async () => {
      const socket = await opened();
      await clock.advance(15_000);
      await clock.advance(40);
      socket.receive({type: 'pong', t: socket.sent.at(-1)?.['t']});
      await clock.advance(14_000);
      expect(connection.facts).to.include({phase: 'open', latency: 40});
    });
    it('takes its latency from no pong but the answer to its last ping', async () => {
      const socket = await opened();
      const {latency} = connection.facts;
      for (let t = 0; t < 100; t++) socket.receive({type: 'pong', t});
      await clock.advance(15_000);
      socket.receive({type: 'pong', t: 0});
      expect(connection.facts.latency).to.equal(latency);
      await clock.advance(40);
      const {t} = socket.sent.find(({type}) => type === 'ping') ?? {};
      socket.receive({type: 'pong', t});
      await clock.advance(40);
      socket.receive({type: 'pong', t});
      expect(connection.facts.latency).to.equal(40);
    });
    it('waits for the frame that is announced, and for no longer one than it takes', async () => {
      const socket = await opened();
      socket.receive({type: 'large_frame', bytes: Number.MAX_SAFE_INTEGER});
      await clock.advance(25_000);
      expect(connection.facts.phase).to.equal('waiting');
    });
    it('answers a ping', async () => {
      const socket = await opened();
      socket.receive({type: 'ping', t: 5});
      expect(socket.sent.at(-1)).to.deep.equal({type: 'pong', t: 5});
    });
    it('after sleep is found within seconds of waking', async () => {
      await opened();
      clock.jump(8 * 3600_000);
      await clock.advance(5_000 + 3_000);
      expect(connection.facts.phase).to.equal('waiting');
    });
    it('is asked about at once when somebody looks', async () => {
      const socket = await opened();
      connection.probe();
      expect(socket.types()).to.deep.equal(['sync', 'ping']);
      await clock.advance(3_000);
      expect(connection.facts.phase).to.equal('waiting');
    });
  });

  it('whose other side reads nothing, whatever it says, is given up before the buffer eats the memory', async () => {
    const socket = await opened();
    socket.bufferedAmount = 17 * 1024 * 1024;
    socket.receive({type: 'ping', t: 1});
    expect(socket.types()).to.deep.equal(['sync']);
    expect(connection.facts.phase).to.equal('waiting');
  });
  it('is not called unreachable because its timers slept: somebody who looks waits anew', async () => {
    await start();
    sockets.last.handlers.close(1006, '');
    await clock.advance(14_000);
    connection.probe();
    await clock.advance(14_000);
    expect(connection.facts.unreachable).to.equal(false);
    await clock.advance(1000);
    expect(connection.facts.unreachable).to.equal(true);
  });

  describe('a token', () => {
    it('is asked for before there is a socket, and shown in the greeting', async () => {
      connection.start();
      expect(sockets.all.length).to.equal(0);
      expect(connection.facts.phase).to.equal('connecting');
      await settle();
      expect((await greeted()).sent).to.deep.equal([{...GREETING, token: 't1'}]);
    });
    it('that does not come is waited for by the page, not by the server: another tab may have one', async () => {
      tokens = [undefined, {token: 't1'}];
      await start();
      expect(sockets.all.length).to.equal(0);
      expect(log).to.deep.equal(['retrying 1', 'barren']);
      await clock.advance(wait());
      await opened();
      expect(connection.facts).to.include({phase: 'open', needsAuth: false});
    });
    it('that comes after somebody stopped the line opens nothing', async () => {
      connection.start();
      connection.stop();
      await settle();
      expect(sockets.all.length).to.equal(0);
    });
    it('that is refused is replaced once, and then another is waited for', async () => {
      await start();
      (await greeted()).handlers.close(4401, '');
      expect(connection.facts).to.include({phase: 'waiting', needsAuth: false});
      await clock.advance(wait());
      tokens = [{token: 't2'}];
      (await greeted()).handlers.close(4401, '');
      expect(connection.facts).to.include({phase: 'stopped', needsAuth: true});
      await clock.advance(600_000);
      expect(sockets.all.length).to.equal(2);
      connection.start();
      expect(connection.facts).to.include({phase: 'connecting', needsAuth: false});
    });
    it('that is refused is not shown again, though the page has no other', async () => {
      tokens = [{token: 't1'}];
      await start();
      (await greeted()).handlers.close(4401, '');
      await clock.advance(wait());
      expect(sockets.all.length).to.equal(1);
      expect(connection.facts).to.include({phase: 'stopped', needsAuth: true});
    });
    it('that the page has at last is gone on with by itself', async () => {
      tokens = [{token: 't1'}];
      await start();
      (await greeted()).handlers.close(4401, '');
      await clock.advance(wait());
      await clock.advance(15_000);
      expect(sockets.all.length).to.equal(1);
      tokens = [{token: 't2'}];
      await clock.advance(30_000);
      expect(sockets.all.length).to.equal(2);
      expect(connection.facts.needsAuth).to.equal(false);
      await opened();
      expect(connection.facts.phase).to.equal('open');
    });
    it('that the page has at last is found at once when somebody looks', async () => {
      tokens = [{token: 't1'}];
      await start();
      (await greeted()).handlers.close(4401, '');
      await clock.advance(wait());
      tokens = [{token: 't2'}];
      connection.probe();
      await settle();
      expect(sockets.all.length).to.equal(2);
    });
    it('is asked for ever more rarely while there is none', async () => {
      let asked = 0;
      tokens = [{token: 't1'}];
      await start();
      (await greeted()).handlers.close(4401, '');
      await clock.advance(wait());
      Object.defineProperty(tokens, '0', {
        get: () => {
          asked++;
          return {token: 't1'};
        },
      });
      await clock.advance(3600_000);
      expect(asked).to.be.within(10, 20);
    });
    it('of somebody else, shown on an open line, is greeted with anew: their database is another one', async () => {
      const socket = await opened();
      socket.receive({type: 'sync_error', code: 'wrong-subject', message: 'm', subject: 'bob'});
      socket.handlers.close(4403, 'wrong-subject');
      expect(connection.facts).to.include({phase: 'waiting', error: null});
    });
    it('is not missed any more once somebody has closed the line', async () => {
      make(false);
      await start();
      (await greeted()).handlers.close(4401, '');
      connection.stop();
      connection.probe();
      await settle();
      expect(sockets.all.length).to.equal(1);
      expect(connection.facts).to.include({needsAuth: false, error: null});
    });
    it('that nobody takes is asked for ever more rarely, though the page makes up another each time', async () => {
      let made = 0;
      Object.defineProperty(tokens, 'length', {value: 2});
      tokens.shift = () => ({token: `made up ${++made}`});
      await start();
      for (let second = 0; second < 1800; second++) {
        if (connection.facts.phase === 'connecting') (await greeted()).handlers.close(4401, '');
        await clock.advance(1000);
      }
      expect(sockets.all.length).to.be.below(25);
    });
    it('is replaced once more after a connection that was good', async () => {
      (await opened()).handlers.close(4401, 'expired');
      await clock.advance(wait());
      (await opened()).handlers.close(4401, 'expired');
      expect(connection.facts).to.include({phase: 'waiting', needsAuth: false});
    });
    it('is still replaced only once, though the network fails between', async () => {
      await start();
      (await greeted()).handlers.close(4401, '');
      await clock.advance(wait());
      sockets.last.handlers.close(1006, '');
      await clock.advance(wait());
      (await greeted()).handlers.close(4401, '');
      expect(connection.facts.needsAuth).to.equal(true);
    });
    it('that the page is never asked for is missed at once, and tried again when somebody looks: a cookie may be there', async () => {
      make(false);
      await start();
      (await greeted()).handlers.close(4401, '');
      expect(connection.facts).to.include({phase: 'stopped', needsAuth: true});
      expect(clock.pending).to.equal(0);
      connection.probe();
      await settle();
      expect(sockets.all.length).to.equal(2);
    });
    describe('that expires', () => {
      const tokenFrames = (socket: FakeSocket) => socket.sent.filter(({type}) => type === 'token');
      const expiring = (ms: number) => opened({tokenExpires: clock.now() + ms});
      it('is replaced a minute before, on the open line', async () => {
        const socket = await expiring(3600_000);
        for (let second = 0; second < 3530; second += 10) {
          await clock.advance(10_000);
          socket.receive({type: 'ping', t: 0});
        }
        expect(tokenFrames(socket)).to.deep.equal([]);
        await clock.advance(10_000);
        expect(tokenFrames(socket)).to.deep.equal([{type: 'token', token: 't2'}]);
        expect(connection.facts.phase).to.equal('open');
      });
      it('is replaced again and again, as the server says each time until when', async () => {
        tokens = [{token: 't1'}, {token: 't2'}, {token: 't3'}, {token: 't4'}];
        const socket = await expiring(20_000);
        await clock.advance(15_000);
        socket.receive(welcome({tokenExpires: clock.now() + 20_000}));
        await clock.advance(15_000);
        expect(tokenFrames(socket).map(({token}) => token)).to.deep.equal(['t2', 't3']);
        expect(log).to.deep.equal(['opened ana']);
      });
      it('is replaced again though the server has not said until when the last one is good', async () => {
        const socket = await expiring(20_000);
        await clock.advance(15_000);
        socket.receive({type: 'ping', t: 0});
        await clock.advance(15_000);
        expect(tokenFrames(socket).map(({token}) => token)).to.deep.equal(['t2', 't3']);
      });
      it('is measured by the clock of the server', async () => {
        const socket = await opened({serverTime: clock.now() + 7200_000, tokenExpires: clock.now() + 7220_000});
        await clock.advance(14_000);
        expect(tokenFrames(socket)).to.deep.equal([]);
        await clock.advance(1000);
        expect(tokenFrames(socket).length).to.equal(1);
      });
      it('is asked for again while the page has only the old one', async () => {
        tokens = [{token: 't1'}];
        const socket = await expiring(20_000);
        await clock.advance(16_000);
        tokens = [{token: 't2'}];
        await clock.advance(3000);
        expect(tokenFrames(socket)).to.deep.equal([{type: 'token', token: 't2'}]);
      });
      it('was renewed, and the server never saw that: the new one gets its greeting', async () => {
        tokens = [{token: 't1'}, {token: 't2'}];
        const socket = await expiring(20_000);
        await clock.advance(15_000);
        socket.handlers.close(4401, 'expired');
        await clock.advance(wait());
        expect((await greeted()).sent[0]).to.include({token: 't2'});
        expect(connection.facts.needsAuth).to.equal(false);
      });
      it('is not shown again behind its successor, however long the greeting took to make', async () => {
        const socket = await expiring(20_000);
        let go = () => {};
        greeting = () =>
          new Promise(resolve => {
            go = () => resolve(GREETING);
          });
        socket.receive({type: 'sync_request'});
        await clock.advance(15_000);
        go();
        await settle();
        const shown = socket.sent.slice(1).filter(({type}) => type !== 'ping');
        expect(shown.map(({type, token}) => [type, token])).to.deep.equal([
          ['token', 't2'],
          ['sync', 't2'],
        ]);
      });
      for (const life of [-8 * 3600_000, 0, 1, 1000]) {
        it(`in ${life} ms is not renewed in a loop`, async () => {
          const socket = await expiring(life);
          for (let round = 0; round < 5; round++) {
            await clock.advance(1000);
            socket.receive(welcome({tokenExpires: clock.now() + life}));
          }
          expect(tokenFrames(socket)).to.deep.equal([]);
        });
      }
      it('is renewed in time though the wall clock jumps', async () => {
        const socket = await expiring(20_000);
        clock.jump(8 * 3600_000);
        socket.receive(
          welcome({tokenExpires: clock.now() - 8 * 3600_000 + 20_000, serverTime: clock.now() - 8 * 3600_000}),
        );
        for (let second = 0; second < 15; second++) {
          await clock.advance(1000);
          socket.receive({type: 'ping', t: 0});
        }
        expect(tokenFrames(socket).length).to.equal(1);
      });
      it('on a line that is gone by then is nothing to replace', async () => {
        const socket = await expiring(20_000);
        connection.stop();
        await clock.advance(60_000);
        expect(tokenFrames(socket)).to.deep.equal([]);
        expect(clock.pending).to.equal(0);
      });
    });
  });

  describe('a close that says more', () => {
    it('4409: stands down, and opens nothing by itself once stopped', async () => {
      (await opened()).handlers.close(4409, '');
      expect(log).to.include('fenced');
      connection.stop();
      await clock.advance(600_000);
      expect(sockets.all.length).to.equal(1);
      expect(clock.pending).to.equal(0);
    });
    for (const [code, error] of [
      [4403, 'forbidden'],
      [4406, 'protocol-version'],
      [4410, 'shared-client'],
    ] as const) {
      it(`${code}: stops with ${error}, until somebody starts it`, async () => {
        (await opened()).handlers.close(code, '');
        expect(connection.facts.error).to.include({code: error});
        expect(log.filter(line => line.startsWith('closed'))).to.deep.equal([`closed ${code}`]);
        await clock.advance(600_000);
        expect(sockets.all.length).to.equal(1);
        await start();
        expect(connection.facts).to.include({phase: 'connecting', error: null});
      });
    }
  });

  describe('a frame that is too large for the way to the server', () => {
    const operations = (count: number, bytes: number): ClientFrame => ({
      type: 'operations',
      ops: Array.from({length: count}, (_, seq) => ({
        id: `o${seq}`,
        seq,
        type: 't',
        timestamp: 0,
        payload: 'x'.repeat(bytes),
      })),
      settled: 0,
    });
    const limits = {operation: 1_000_000, frame: 1_000_000, operations: 500};
    const closedFor = async (...sent: ClientFrame[]) => {
      const socket = await opened({limits});
      for (const frame of sent) connection.send(frame);
      socket.handlers.close(1009, '');
      await clock.advance(wait());
      await opened({limits});
      return connection.welcome?.limits;
    };
    it('is named, and the next ones are half as long', async () => {
      const next = await closedFor(operations(10, 1000), operations(1, 10), operations(2, 10));
      expect(log).to.include('complaint frame-too-large');
      // Operations fill half of a frame at the most.
      expect(next?.frame).to.be.within(10_000, 11_000);
      expect(next?.operation).to.equal(limits.operation);
    });
    it('because of one operation keeps that one here', async () => {
      const next = await closedFor(operations(3, 10), operations(1, 5000));
      expect(next?.operation).to.be.within(4800, 5000);
      expect(next?.frame).to.equal(limits.frame);
    });
    it('though it is none of operations changes nothing, and is told', async () => {
      expect(await closedFor({type: 'token', token: 'x'.repeat(5000)})).to.deep.equal(limits);
      expect(log).to.include('complaint frame-too-large');
    });
  });
  describe('what can not be read', () => {
    const texts: [what: string, text: string][] = [
      ['is no JSON', '{'],
      ['is empty', ''],
      ['is no object', '[]'],
      ['lacks a field', '{"type":"head"}'],
      ['is too large', `{"type":"ping","t":1,"x":"${'x'.repeat(20_000)}"}`],
      ['has a hostile type', '{"type":{"toString":1,"valueOf":1}}'],
      ['is 100,000 levels deep', `{"type":"mine","x":${'['.repeat(4_000)}${']'.repeat(4_000)}}`],
    ];
    for (const [what, text] of texts) {
      it(`because it ${what} ends the line with a code, and it is tried again`, async () => {
        const socket = await opened();
        socket.handlers.message(text);
        socket.receive(head);
        expect(log.filter(line => line.startsWith('malformed')).length).to.equal(1);
        expect(socket.closedWith).to.include({code: 4400});
        expect(frames).to.deep.equal([]);
        expect(connection.facts.phase).to.equal('waiting');
      });
    }
    it('because it is binary ends the line', async () => {
      const socket = await opened();
      socket.handlers.binary();
      expect(log).to.include('malformed bad-frame');
      expect(socket.closedWith).to.include({code: 4400});
    });
    it('because it is not ours goes on to the application', async () => {
      (await opened()).receive({type: 'chat', text: 'hi'});
      expect(log).to.include('foreign chat');
      expect(connection.facts.phase).to.equal('open');
    });
  });

  describe('an open line', () => {
    it('hands on what is the handler’s', async () => {
      (await opened()).receive(head);
      expect(frames).to.deep.equal([head]);
    });
    it('greets again when the server asks', async () => {
      const socket = await opened();
      socket.receive({type: 'sync_request'});
      await settle();
      expect(socket.types()).to.deep.equal(['sync', 'sync']);
    });
    it('makes one greeting for all who ask while one is made', async () => {
      const socket = await opened();
      let finish = () => {};
      greeting = () =>
        new Promise(resolve => {
          finish = () => resolve(GREETING);
        });
      for (let asked = 0; asked < 1000; asked++) void connection.greetAgain();
      await settle();
      for (let asked = 0; asked < 1000; asked++) void connection.greetAgain();
      finish();
      await settle();
      expect(socket.types()).to.deep.equal(['sync', 'sync']);
      finish();
      await settle();
      expect(socket.types()).to.deep.equal(['sync', 'sync', 'sync']);
    });
    it('that is asked to greet 20,000 times is closed, with a reason', async () => {
      const socket = await opened();
      for (let asked = 0; asked < 20_000; asked++) socket.receive({type: 'sync_request'});
      await settle();
      expect(log.slice(1, 4)).to.deep.equal(['malformed server-flood', 'closed 4400', 'retrying 1']);
      expect(log).to.have.length(4);
      expect(socket.types()).to.deep.equal(['sync']);
      expect(socket.closedWith).to.include({code: 4400});
    });
    it('on which the stream breaks over and over is closed, with a reason', async () => {
      const socket = await opened();
      for (let gap = 0; gap < 11; gap++) {
        connection.beginAgain();
        await settle();
      }
      expect(socket.types()).to.deep.equal(Array(11).fill('sync'));
      expect(log).to.include('malformed server-flood');
      expect(connection.facts).to.include({phase: 'waiting', attempts: 1});
      connection.beginAgain();
      expect(connection.facts).to.include({phase: 'waiting', attempts: 1});
    });
    it('greets again as often as its own side has reason to', async () => {
      const socket = await opened();
      for (let wish = 0; wish < 30; wish++) await connection.greetAgain();
      expect(socket.types()).to.have.length(31);
      expect(connection.facts.phase).to.equal('open');
    });
    it('survives a greeting that can not be made when it greets again', async () => {
      const socket = await opened();
      greeting = async () => {
        throw new SyncError('storage-failed', 'm');
      };
      const outcome = await connection.greetAgain().then(
        () => 'settled',
        () => 'rejected',
      );
      expect(outcome).to.equal('settled');
      expect(socket.types()).to.deep.equal(['sync']);
    });
    it('whose socket throws on sending is given up', async () => {
      const socket = await opened();
      socket.send = () => {
        throw new Error('gone');
      };
      connection.send({type: 'ping', t: 1});
      expect(connection.facts.phase).to.equal('waiting');
    });
    it('is welcomed once: a second welcome changes nobody', async () => {
      const socket = await opened();
      socket.receive(welcome({subject: 'bob'}));
      expect(connection.welcome?.subject).to.equal('ana');
      expect(log).to.deep.equal(['opened ana']);
    });
    it('stopped says bye, tells once, and sets nothing more going', async () => {
      const socket = await opened();
      connection.stop();
      connection.stop();
      socket.handlers.close(1000, 'bye');
      expect(socket.closedWith).to.include({code: 1000});
      expect(log).to.deep.equal(['opened ana', 'closed 1000']);
      expect(clock.pending).to.equal(0);
      await clock.advance(600_000);
      expect(sockets.all.length).to.equal(1);
    });
  });
});
