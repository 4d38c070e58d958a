import {expect} from '@open-wc/testing';
import {FakeClock, settle} from '../../test/helpers/fake-clock.js';
import {checkpoint} from '../../test/helpers/replica.js';
import {subscriptionHash, type Want} from '../protocol/protocol.js';
import {type ConnectionFacts, NO_CONNECTION} from '../state/state.js';
import type {TokenAnswer} from './credentials.js';
import {LeaderView, seenWith} from './leader-view.js';

describe("a follower's view of the leader", () => {
  let clock: FakeClock;
  let answer: TokenAnswer;
  let asked: number;
  let found: number;
  let shown: (string | null)[];
  let view: LeaderView;
  let rev: number;
  /** Resolves when this tab knows what its storage is worth. */
  let isWell: () => Promise<boolean>;
  const hooks = {
    found: () => found++,
    isWell: () => isWell(),
    changed: () => {},
    shown: (name: string | null) => shown.push(name),
  };
  const say = (facts: Partial<ConnectionFacts>, epoch = 1) =>
    view.heard({kind: 'state', epoch, rev: ++rev, facts: {...NO_CONNECTION, ...facts}});

  beforeEach(() => {
    clock = new FakeClock();
    answer = {token: undefined};
    asked = found = rev = 0;
    shown = [];
    isWell = async () => true;
    const token = async () => {
      asked++;
      return answer;
    };
    view = new LeaderView(clock, token, hooks);
  });

  it('is what it said last', () => {
    expect(say({phase: 'live', lastLSN: '0/A'})).to.deep.equal({isNewLeader: true});
    expect(say({phase: 'waiting'})).to.deep.equal({isNewLeader: false});
    expect(view.facts.phase).to.equal('waiting');
  });
  it('does not go back to old news, of this leader or the one before', () => {
    view.heard({kind: 'state', epoch: 2, rev: 5, facts: {...NO_CONNECTION, phase: 'live'}});
    for (const [epoch, old] of [
      [2, 5],
      [2, 4],
      [1, 99],
    ] as const) {
      expect(view.heard({kind: 'state', epoch, rev: old, facts: NO_CONNECTION})).to.equal(undefined);
    }
    expect(view.facts.phase).to.equal('live');
  });

  it('says of each line once with which token it was opened, so that the tab can compare its own', () => {
    say({phase: 'connecting'});
    say({phase: 'syncing', shown: 'a'});
    say({phase: 'live', shown: 'a'});
    // Renewed in band: the same person's.
    say({phase: 'live', shown: 'b'});
    expect(shown).to.deep.equal(['a']);
    say({phase: 'waiting'});
    say({phase: 'live', shown: 'b'});
    say({phase: 'live', shown: 'b'}, 2);
    expect(shown).to.deep.equal(['a', 'b', 'b']);
    view.led();
    expect(shown.at(-1)).to.equal(null);
  });

  describe('whose outbox hangs', () => {
    const error = {code: 'storage-blocked', message: 'm', retryable: true, action: 'retry'} as const;

    it('takes the line over where this tab is well', async () => {
      say({phase: 'live', error});
      await settle();
      expect(found).to.equal(1);
    });
    it('leaves it where this tab is not, and looks again as often as the leader says so', async () => {
      let looks = 0;
      isWell = async () => {
        if (++looks === 2) throw new Error('disk');
        return false;
      };
      for (let word = 0; word < 3; word++) {
        say({phase: 'live', error});
        await settle();
      }
      expect([looks, found]).to.deep.equal([3, 0]);
    });
    it('looks once, however long that takes, and does nothing where the leader is well again by then', async () => {
      let looks = 0;
      let letGo: (isWell: boolean) => void = () => {};
      isWell = () => {
        looks++;
        return new Promise(resolve => {
          letGo = resolve;
        });
      };
      for (let word = 0; word < 100; word++) say({phase: 'live', error});
      say({phase: 'live'});
      letGo(true);
      await settle();
      expect([looks, found]).to.deep.equal([1, 0]);
    });
    it('is no reason where it is any other error', async () => {
      say({phase: 'live', error: {...error, code: 'storage-failed'}});
      await settle();
      expect(found).to.equal(0);
    });
  });

  describe('says whether to carry the line on', () => {
    it('as the leader had it, whatever this page had before', () => {
      say({phase: 'stopped'});
      expect(view.wants(true)).to.equal(false);
      say({phase: 'waiting'});
      expect(view.wants(false)).to.equal(true);
    });
    it('as this page had it where nobody was heard', () => {
      expect([view.wants(true), view.wants(false), view.wants(undefined)]).to.deep.equal([true, false, false]);
    });
    it('where only a token was missing', () => {
      say({phase: 'stopped', needsAuth: true});
      expect(view.wants(undefined)).to.equal(true);
    });
  });

  describe('that is signed out', () => {
    it('asks its own page at once, and takes over with the token it gives', async () => {
      answer = {token: 'new'};
      say({needsAuth: true});
      await settle();
      expect([asked, found]).to.deep.equal([1, 1]);
    });
    it('asks again when somebody looks, and now and then', async () => {
      say({needsAuth: true});
      await settle();
      view.look();
      await settle();
      expect([asked, found]).to.deep.equal([2, 0]);
      answer = {token: 'new'};
      await clock.advance(15_000);
      expect(found).to.equal(1);
    });
    it('does not take over again with the token it has led with', async () => {
      answer = {token: 'stale'};
      say({needsAuth: true});
      await settle();
      view.led();
      say({needsAuth: true});
      await clock.advance(3600_000);
      expect(found).to.equal(1);
      answer = {token: 'new'};
      await clock.advance(3600_000);
      expect(found).to.equal(2);
    });
    it('takes over again, later and later, while that comes to nothing: a page may make up tokens for ever', async () => {
      let made = 0;
      const token = async () => ({token: `made up ${++made}`});
      view = new LeaderView(clock, token, hooks);
      for (let second = 0; second < 600; second++) {
        say({needsAuth: true});
        await clock.advance(500);
        say({phase: 'connecting'});
        await clock.advance(500);
      }
      expect(found).to.be.within(1, 3);
      say({phase: 'live'});
      say({needsAuth: true});
      await settle();
      expect(found).to.be.within(2, 4);
    });
    it('is helped at once by a tab that somebody looked at while another was just trying', async () => {
      say({needsAuth: true});
      await settle();
      say({phase: 'connecting'});
      answer = {token: 'new'};
      view.look();
      await settle();
      expect(found).to.equal(0);
      say({needsAuth: true});
      await settle();
      expect(found).to.equal(1);
    });
    it('is not believed any more once it has been silent for long', () => {
      say({phase: 'live'});
      view.orphaned();
      expect(view.facts).to.include({phase: 'connecting', unreachable: true});
    });
    it('asks nobody any more once the line stands, or this tab leads', async () => {
      say({needsAuth: true});
      await settle();
      say({phase: 'live'});
      await clock.advance(3600_000);
      expect(asked).to.equal(1);
      say({needsAuth: true});
      view.rest();
      await clock.advance(3600_000);
      expect(found).to.equal(0);
      expect(clock.pending).to.equal(0);
    });
    it('does not take over with a token that came too late', async () => {
      answer = {token: 'new'};
      say({needsAuth: true});
      say({phase: 'live'});
      await settle();
      expect(found).to.equal(0);
    });
    it('asks nobody where the page has no tokens', async () => {
      view = new LeaderView(clock, undefined, hooks);
      say({needsAuth: true});
      await clock.advance(3600_000);
      expect([asked, found]).to.deep.equal([0, 0]);
    });
  });
});

describe('the line as a tab sees it that wants something', () => {
  const rows = (wants: Want[] | undefined) =>
    checkpoint('0/A', {subscription: subscriptionHash(wants), ...(wants ? {wants} : {})});
  const phase = (wants: Want[] | undefined, held: Want[] | undefined, facts: Partial<ConnectionFacts> = {}) =>
    seenWith(wants, rows(held), {...NO_CONNECTION, phase: 'live', ...facts}).phase;

  it('is what the leader says, where the rows are of that', () => {
    expect(phase(['a'], ['a', 'b'])).to.equal('live');
    expect(phase(['b', 'a'], ['a', 'b'])).to.equal('live');
    expect(phase([{type: 'a', where: {x: 1}}], ['a'])).to.equal('live');
    expect(phase(['a'], undefined)).to.equal('live');
    expect(phase(undefined, undefined)).to.equal('live');
  });
  it('has not got there, where they are not', () => {
    expect(phase(['c'], ['a', 'b'])).to.equal('syncing');
    expect(phase(['a'], [{type: 'a', where: {x: 1}}])).to.equal('syncing');
    expect(phase(undefined, ['a', 'b'])).to.equal('syncing');
  });
  it('is as it is where nothing is live, or no row has come', () => {
    expect(phase(['c'], ['a'], {phase: 'waiting'})).to.equal('waiting');
    const facts = {...NO_CONNECTION, phase: 'live'} as const;
    expect(seenWith(['c'], undefined, facts)).to.equal(facts);
  });
});
