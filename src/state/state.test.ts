import {expect} from '@open-wc/testing';
import type {ErrorRecord, SyncStatus} from '../protocol/protocol.js';
import {
  type ConnectionFacts,
  EMPTY_QUEUE,
  NO_CONNECTION,
  type QueueFacts,
  sameButPosition,
  sameState,
  statusOf,
  summarise,
  type TabFacts,
} from './state.js';

const error: ErrorRecord = {code: 'apply-failed', message: 'm', retryable: true, action: 'retry'};
const tab: TabFacts = {
  clientId: 'c',
  role: 'leader',
  mode: 'worker',
  durable: true,
  online: true,
  storage: null,
};
const connection = (change: Partial<ConnectionFacts>): ConnectionFacts => ({...NO_CONNECTION, ...change});
const queue = (change: Partial<QueueFacts>): QueueFacts => ({...EMPTY_QUEUE, ...change});

describe('the status', () => {
  it('is smoothed over a change of hands, and nothing else of the state is', () => {
    const state = summarise(connection({phase: 'connecting', handover: 'live'}), queue({}), tab);
    expect(state).to.include({status: 'synced', isConnected: false, isConnecting: true});
  });

  const everything = {needsAuth: true, error, unreachable: true, attempts: 3} as const;
  const table: [
    what: string,
    connection: Partial<ConnectionFacts>,
    queue: Partial<QueueFacts>,
    online: boolean,
    status: SyncStatus,
  ][] = [
    [
      'a wanted token comes before all else',
      {...everything, phase: 'waiting'},
      {failed: 1, pending: 1},
      false,
      'needs-auth',
    ],
    ['an error before being offline', {error, phase: 'waiting', unreachable: true}, {}, false, 'error'],
    ['a refused operation is an error', {phase: 'live'}, {failed: 1}, true, 'error'],
    ['a refused operation is one offline as well', {phase: 'waiting'}, {failed: 1}, false, 'error'],
    ['an error stays one while the line is stopped', {error, phase: 'stopped'}, {}, true, 'error'],
    ['the browser says so', {phase: 'waiting', attempts: 1}, {}, false, 'offline'],
    ['the browser says so while it tries', {phase: 'connecting'}, {}, false, 'offline'],
    ['no greeting for 15 s', {phase: 'waiting', unreachable: true, attempts: 5}, {}, true, 'offline'],
    ['offline is not hidden by work that waits', {phase: 'waiting', unreachable: true}, {pending: 5}, true, 'offline'],
    ['a line that lives is not offline, whatever the browser says', {phase: 'live'}, {}, false, 'synced'],
    ['nor one that catches up', {phase: 'syncing'}, {}, false, 'syncing'],
    ['waiting for the next try', {phase: 'waiting', attempts: 1}, {}, true, 'reconnecting'],
    ['a further try', {phase: 'connecting', attempts: 1}, {}, true, 'reconnecting'],
    ['a further try, with work', {phase: 'connecting', attempts: 1}, {pending: 1}, true, 'reconnecting'],
    ['the first try', {phase: 'connecting'}, {pending: 1}, true, 'connecting'],
    ['catching up before work', {phase: 'syncing'}, {pending: 1}, true, 'syncing'],
    ['work that waits', {phase: 'live'}, {pending: 1}, true, 'pending'],
    ['work that waits for a line nobody wants', {phase: 'stopped'}, {pending: 1}, true, 'pending'],
    ['all is well', {phase: 'live'}, {}, true, 'synced'],
    ['another tab takes the line', {phase: 'connecting', handover: 'live'}, {}, true, 'synced'],
    ['another tab takes the line, with work', {phase: 'connecting', handover: 'live'}, {pending: 1}, true, 'pending'],
    ['another tab takes the line in a snapshot', {phase: 'connecting', handover: 'syncing'}, {}, true, 'syncing'],
    ['another tab takes the line, and has no token', {handover: 'live', needsAuth: true}, {}, true, 'needs-auth'],
    ['no line is wanted', {phase: 'stopped'}, {}, true, 'idle'],
  ];
  for (const [what, line, work, online, status] of table) {
    it(`${what}: ${status}`, () => expect(statusOf(connection(line), queue(work), online)).to.equal(status));
  }
});

describe('the snapshot', () => {
  it('says what the facts say', () => {
    const state = summarise(
      connection({
        phase: 'syncing',
        lastLSN: '0/A',
        attempts: 2,
        progress: {received: 1, total: 2, bytes: 3},
        lastSyncedAt: 4,
        clockOffset: 5,
        latency: 6,
        tabs: 7,
        confirms: false,
      }),
      queue({pending: 3, inFlight: 2, failed: 0, oldestPendingAt: 8}),
      {...tab, storage: {persisted: true, usage: 1, quota: 2}},
    );
    expect(state).to.deep.equal({
      status: 'syncing',
      clientId: 'c',
      lastLSN: '0/A',
      isConnected: true,
      isConnecting: false,
      reconnectAttempts: 2,
      role: 'leader',
      mode: 'worker',
      durable: true,
      tabs: 7,
      confirms: false,
      pending: 3,
      inFlight: 2,
      failed: 0,
      oldestPendingAt: 8,
      progress: {received: 1, total: 2, bytes: 3},
      lastSyncedAt: 4,
      nextRetryAt: null,
      online: true,
      clockOffset: 5,
      latency: 6,
      storage: {persisted: true, usage: 1, quota: 2},
      error: null,
    });
  });
  const phases: [ConnectionFacts['phase'], connected: boolean, connecting: boolean][] = [
    ['stopped', false, false],
    ['waiting', false, false],
    ['connecting', false, true],
    ['syncing', true, false],
    ['live', true, false],
  ];
  for (const [phase, connected, connecting] of phases) {
    it(`while ${phase} is ${connected ? '' : 'not '}connected and ${connecting ? '' : 'not '}connecting`, () => {
      const {isConnected, isConnecting} = summarise(connection({phase}), EMPTY_QUEUE, tab);
      expect([isConnected, isConnecting]).to.deep.equal([connected, connecting]);
    });
  }
  const errors: [
    what: string,
    line: Partial<ConnectionFacts>,
    work: Partial<QueueFacts>,
    code: string,
    action: string,
  ][] = [
    ['a wanted token', {needsAuth: true, error}, {failed: 1}, 'needs-auth', 'sign-in'],
    ['what stops the stream', {error}, {failed: 1}, 'apply-failed', 'retry'],
    ['refused operations', {}, {failed: 2}, 'operations-failed', 'review'],
  ];
  for (const [what, line, work, code, action] of errors) {
    it(`names ${what} and what helps`, () => {
      const state = summarise(connection(line), queue(work), tab);
      expect(state.error).to.include({code, action});
      expect(state.error).to.have.all.keys('code', 'message', 'action');
    });
  }
  it('has an error exactly when its status says so', () => {
    for (const phase of ['stopped', 'waiting', 'connecting', 'syncing', 'live'] as const) {
      for (const failed of [0, 1]) {
        for (const fault of [null, error]) {
          for (const needsAuth of [false, true]) {
            const state = summarise(connection({phase, error: fault, needsAuth}), queue({failed}), tab);
            expect(state.error !== null).to.equal(state.status === 'error' || state.status === 'needs-auth');
          }
        }
      }
    }
  });
  it('is frozen, through and through, and shares nothing that could be changed', () => {
    const lines: Partial<ConnectionFacts>[] = [
      {needsAuth: true},
      {error},
      {progress: {received: 1, total: 2, bytes: 3}},
    ];
    for (const line of lines) {
      const state = summarise(connection(line), queue({failed: 1}), {
        ...tab,
        storage: {persisted: true, usage: 1, quota: 2},
      });
      for (const part of [state, state.error, state.progress, state.storage]) {
        if (part) expect(Object.isFrozen(part)).to.equal(true);
      }
    }
    expect(Object.isFrozen(summarise(NO_CONNECTION, queue({failed: 1}), tab).error)).to.equal(true);
  });
  it('is the same as another that says the same, and only as that', () => {
    const state = summarise(NO_CONNECTION, EMPTY_QUEUE, tab);
    expect(sameState(state, summarise(NO_CONNECTION, EMPTY_QUEUE, {...tab}))).to.equal(true);
    expect(sameState(state, summarise(NO_CONNECTION, queue({pending: 1}), tab))).to.equal(false);
    expect(
      sameState(state, summarise(connection({progress: {received: 0, total: null, bytes: 0}}), EMPTY_QUEUE, tab)),
    ).to.equal(false);
  });
  it('differs in its position alone where only rows have come', () => {
    const at = (lastLSN: string, more: Partial<ConnectionFacts> = {}) =>
      summarise(connection({lastLSN, lastSyncedAt: Number(lastLSN.slice(2)), ...more}), EMPTY_QUEUE, tab);
    expect(sameButPosition(at('0/1'), at('0/2'))).to.equal(true);
    expect(sameButPosition(at('0/1'), at('0/2', {phase: 'syncing'}))).to.equal(false);
    expect(
      sameButPosition(at('0/1'), at('0/2', {error: {code: 'x', message: '', retryable: true, action: 'retry'}})),
    ).to.equal(false);
  });
});
