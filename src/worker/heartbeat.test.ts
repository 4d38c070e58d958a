import {expect} from '@open-wc/testing';
import {FakeClock} from '../../test/helpers/fake-clock.js';
import {Heartbeat} from './heartbeat.js';

describe('the heartbeat', () => {
  let clock: FakeClock;
  let log: string[];
  let buffered: number;
  /** Bytes of a ping, which stay in the buffer for a moment. */
  let pingBytes: number;
  let heartbeat: Heartbeat;
  let startedAt: number;
  beforeEach(() => {
    clock = new FakeClock();
    log = [];
    buffered = 0;
    pingBytes = 0;
    const at = () => (clock.monotonic() - startedAt) / 1000;
    startedAt = clock.monotonic();
    heartbeat = new Heartbeat(clock, {
      ping: () => {
        log.push(`ping at ${at()}`);
        buffered += pingBytes;
        const bytes = pingBytes;
        clock.timer(50, () => {
          buffered -= bytes;
        });
      },
      buffered: () => buffered,
      dead: () => log.push(`dead at ${at()}`),
    });
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
  });

  it('asks after 15 s of silence, and calls it dead 10 s later', async () => {
    await clock.advance(14_999);
    expect(log).to.deep.equal([]);
    await clock.advance(30_000);
    expect(log).to.deep.equal(['ping at 15', 'dead at 25']);
  });
  it('finds silence within 26 s of the last word, whenever that came', async () => {
    for (const heard of [1000, 3700, 4999, 5001, 7300]) {
      heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
      heartbeat.caughtUp();
      log.length = 0;
      await clock.advance(heard);
      heartbeat.heard();
      await clock.advance(25_999);
      expect(log.filter(line => line.startsWith('dead')).length, `heard after ${heard} ms`).to.equal(1);
    }
  });
  it('says nothing while there is life', async () => {
    for (let second = 0; second < 120; second += 10) {
      await clock.advance(10_000);
      heartbeat.heard();
    }
    expect(log).to.deep.equal([]);
  });
  it('takes an answer for life, and asks again after the next silence', async () => {
    await clock.advance(16_000);
    heartbeat.heard();
    await clock.advance(14_000);
    expect(log).to.deep.equal(['ping at 15']);
    await clock.advance(5_000);
    expect(log).to.deep.equal(['ping at 15', 'ping at 31']);
  });
  it('takes a buffer that drains for life: a pong may stand behind megabytes', async () => {
    buffered = 10_000_000;
    for (let tick = 0; tick < 20; tick++) {
      await clock.advance(5_000);
      buffered -= 100_000;
    }
    expect(log.filter(line => line.startsWith('dead'))).to.deep.equal([]);
    await clock.advance(60_000);
    expect(log.filter(line => line.startsWith('dead')).length).to.equal(1);
  });
  it('takes one that drains for life when somebody looks, too', async () => {
    buffered = 1_000_000;
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    await clock.advance(100);
    heartbeat.probe();
    for (let tick = 0; tick < 200; tick++) {
      buffered -= 5000;
      await clock.advance(100);
    }
    expect(log.filter(line => line.startsWith('dead'))).to.deep.equal([]);
    await clock.advance(30_000);
    expect(log.filter(line => line.startsWith('dead')).length).to.equal(1);
  });
  it('takes a buffer that grows for nothing', async () => {
    for (let tick = 0; tick < 6; tick++) {
      await clock.advance(5_000);
      buffered += 1000;
    }
    expect(log).to.deep.equal(['ping at 15', 'dead at 25']);
  });
  it('notices a slept laptop at its next tick, and is short of patience then', async () => {
    await clock.advance(4_000);
    clock.jump(8 * 3600_000);
    await clock.advance(10_000);
    expect(log).to.deep.equal(['ping at 5', 'dead at 8']);
  });
  it('notices a silent line in time, though the wall clock was set back 8 h', async () => {
    await clock.advance(4_000);
    clock.jump(-8 * 3600_000);
    await clock.advance(60_000);
    expect(log.filter(line => line.startsWith('dead')).length).to.equal(1);
  });
  it('asked to, probes at once and waits 3 s', async () => {
    await clock.advance(2_000);
    heartbeat.probe();
    await clock.advance(3_000);
    expect(log).to.deep.equal(['ping at 2', 'dead at 5']);
  });
  it('is not put off by being asked again and again', async () => {
    for (let time = 0; time < 12; time += 2) {
      heartbeat.probe();
      await clock.advance(2_000);
    }
    expect(log.filter(line => line.startsWith('dead')).length).to.be.at.least(1);
  });
  it('is not put off by being asked shortly before the end of its patience', async () => {
    await clock.advance(24_000);
    heartbeat.probe();
    await clock.advance(1_000);
    expect(log.at(-1)).to.equal('dead at 25');
  });
  /** The next line: it begins to send rows, and is silent until it is dead. */
  async function dies(begin = () => heartbeat.filling()): Promise<string[]> {
    log.length = 0;
    startedAt = clock.monotonic();
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    begin();
    await clock.advance(200_000);
    heartbeat.stop();
    return log;
  }

  it('gives a line twice as many chances where the one before fell silent among rows: a frame may take that long', async () => {
    expect(await dies()).to.deep.equal(['ping at 15', 'dead at 25']);
    expect(await dies()).to.deep.equal(['ping at 15', 'ping at 25', 'dead at 35']);
    expect((await dies()).at(-1)).to.equal('dead at 55');
    // Somebody looks: that is no reason to begin the frame again.
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    heartbeat.filling();
    log.length = 0;
    heartbeat.probe();
    await clock.advance(30_000);
    expect(log.filter(line => line.startsWith('dead'))).to.deep.equal([]);
    heartbeat.caughtUp();
    expect((await dies()).at(-1)).to.equal('dead at 25');
  });
  it('has no more patience than a minute, however many lines have died', async () => {
    for (let line = 0; line < 10; line++) await dies();
    expect((await dies()).at(-1)).to.equal('dead at 55');
  });
  it('has no patience with a line of which no row was to come, whatever became of those before', async () => {
    for (let line = 0; line < 3; line++) await dies();
    const nothing = () => {};
    expect((await dies(nothing)).at(-1)).to.equal('dead at 25');
    expect((await dies(nothing)).at(-1), 'and does not learn any from it').to.equal('dead at 25');
    heartbeat.caughtUp();
    await dies(nothing);
    expect((await dies()).at(-1)).to.equal('dead at 25');
  });
  it('waits for a frame that is announced as long as a slow line takes for it, and not for the next', async () => {
    // 1.25 MB: 25 s on a line of 50 kB/s, and as long again.
    expect((await dies(() => heartbeat.expect(1_250_000))).at(-1)).to.equal('dead at 55');
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    heartbeat.expect(8_000_000);
    log.length = 0;
    heartbeat.probe();
    await clock.advance(300_000);
    expect(log.filter(line => line.startsWith('dead'))).to.deep.equal([]);
    heartbeat.heard();
    await clock.advance(25_000);
    expect(log.filter(line => line.startsWith('dead')).length).to.equal(1);
  });
  it('takes nothing of its own pings for life, however they leave the buffer', async () => {
    pingBytes = 30;
    for (let line = 0; line < 3; line++) await dies();
    expect((await dies()).at(-1)).to.equal('dead at 55');
  });
  it('still waits for what is announced after something has left the buffer', async () => {
    buffered = 1000;
    heartbeat.expect(5_000_000);
    await clock.advance(12_000);
    buffered = 0;
    await clock.advance(190_000);
    expect(log.filter(line => line.startsWith('dead'))).to.deep.equal([]);
  });
  it('forgets what was announced with the line', async () => {
    heartbeat.expect(8_000_000);
    expect((await dies()).at(-1)).to.equal('dead at 25');
  });
  it('has the patience of before on a line that has caught up, from that moment on', async () => {
    await dies();
    startedAt = clock.monotonic();
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    heartbeat.filling();
    heartbeat.heard();
    heartbeat.caughtUp();
    log.length = 0;
    heartbeat.probe();
    await clock.advance(3000);
    expect(log).to.deep.equal(['ping at 0', 'dead at 3']);
  });
  it('counts the chances anew after each word', async () => {
    await dies();
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    heartbeat.filling();
    log.length = 0;
    for (let word = 0; word < 5; word++) {
      await clock.advance(30_000);
      heartbeat.heard();
    }
    expect(log.filter(line => line.startsWith('dead'))).to.deep.equal([]);
  });
  it('stopped sets nothing more going', async () => {
    heartbeat.probe();
    heartbeat.stop();
    await clock.advance(120_000);
    expect(log).to.deep.equal(['ping at 0']);
    expect(clock.pending).to.equal(0);
  });
  it('started again begins anew', async () => {
    await clock.advance(14_000);
    heartbeat.start({heartbeat: 15_000, serverTime: 0}, 10);
    await clock.advance(14_000);
    expect(log).to.deep.equal([]);
  });
  it('does not let the server set it to never, or to all the time', async () => {
    heartbeat.start({heartbeat: Number.MAX_SAFE_INTEGER, serverTime: 0}, 10);
    await clock.advance(300_000);
    expect(log.filter(line => line.startsWith('dead')).length, 'never').to.equal(1);
    log.length = 0;
    heartbeat.start({heartbeat: 0, serverTime: 0}, 10);
    await clock.advance(4_999);
    expect(log, 'all the time').to.deep.equal([]);
  });
});
