import {expect} from '@open-wc/testing';
import {NO_CONNECTION} from '../state/state.js';
import {type Announcement, CHANNEL_FORMAT, isOfNewerFormat, readAnnouncement} from './tracker.js';

const said = (announcement: unknown) => readAnnouncement({format: CHANNEL_FORMAT, announcement});

describe('an announcement on the channel', () => {
  const good: Announcement[] = [
    {kind: 'state', epoch: 1, rev: 2, facts: NO_CONNECTION},
    {kind: 'commit', detail: {lsn: '0/A', types: ['task'], ids: ['1']}},
    {kind: 'commit', detail: {lsn: '0/A', types: [], ids: null}},
    {kind: 'outbox', seqs: [1, 2]},
    {kind: 'hello', place: 'worker'},
    {kind: 'bye'},
    {kind: 'beat', epoch: 3, place: 'page'},
    {kind: 'probe'},
    {kind: 'echo', id: 'x'},
    {kind: 'ask', what: 'resync'},
    {kind: 'moved'},
    {kind: 'event', name: 'message', detail: {a: 1}},
  ];
  for (const announcement of good) {
    it(`${announcement.kind} is understood`, () => expect(said(announcement)).to.deep.equal(announcement));
  }
  const bad: [what: string, announcement: unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['text', 'hello'],
    ['a list', []],
    ['no kind', {}],
    ['an unknown kind', {kind: 'shutdown'}],
    ['a kind of the prototype', {kind: 'toString'}],
    ['state without facts', {kind: 'state', epoch: 1, rev: 1}],
    ['state whose facts are text', {kind: 'state', epoch: 1, rev: 1, facts: 'live'}],
    ['state without epoch', {kind: 'state', rev: 1, facts: NO_CONNECTION}],
    ['state of epoch NaN', {kind: 'state', epoch: Number.NaN, rev: 1, facts: NO_CONNECTION}],
    ['state of an endless revision', {kind: 'state', epoch: 1, rev: Number.POSITIVE_INFINITY, facts: NO_CONNECTION}],
    ['a commit without detail', {kind: 'commit'}],
    ['a commit of null', {kind: 'commit', detail: null}],
    ['a commit whose types are text', {kind: 'commit', detail: {types: 'task', ids: null}}],
    ['a commit without ids', {kind: 'commit', detail: {types: []}}],
    ['an outbox without numbers', {kind: 'outbox'}],
    ['an outbox of texts', {kind: 'outbox', seqs: ['1']}],
    ['an outbox of fractions', {kind: 'outbox', seqs: [0.5]}],
    ['a beat without epoch', {kind: 'beat', place: 'worker'}],
    ['a beat from nowhere', {kind: 'beat', epoch: 1, place: 'server'}],
    ['a hello from nowhere', {kind: 'hello'}],
    ['an echo of nothing', {kind: 'echo'}],
    ['an order that is none', {kind: 'ask', what: 'wipe'}],
    ['an event that is none', {kind: 'event', name: 'error', detail: {}}],
    ['an event without detail', {kind: 'event', name: 'message'}],
    ['an event of null', {kind: 'event', name: 'message', detail: null}],
  ];
  for (const [what, announcement] of bad) {
    it(`${what} is not heard`, () => expect(said(announcement)).to.equal(undefined));
  }
  it('of a newer deploy is told from one of an older, and from nonsense', () => {
    expect(isOfNewerFormat({format: CHANNEL_FORMAT + 1})).to.equal(true);
    for (const format of [CHANNEL_FORMAT, CHANNEL_FORMAT - 1, '9', null, undefined, Number.NaN]) {
      expect(isOfNewerFormat({format})).to.equal(false);
    }
    expect(isOfNewerFormat(null)).to.equal(false);
  });
  it('of another deploy is not heard', () => {
    for (const format of [CHANNEL_FORMAT + 1, String(CHANNEL_FORMAT), null, undefined]) {
      expect(readAnnouncement({format, announcement: {kind: 'hello'}})).to.equal(undefined);
    }
  });
  for (const message of [undefined, null, 5, 'hello', [], {kind: 'hello', place: 'worker'}, new Date(), new Map()]) {
    it(`${Object.prototype.toString.call(message)} is none`, () =>
      expect(readAnnouncement(message)).to.equal(undefined));
  }
});
