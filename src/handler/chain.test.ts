import {expect} from '@open-wc/testing';
import type {ChangesFrame, HeadFrame} from '../protocol/protocol.js';
import {judge} from './chain.js';
import type {OpenParts} from './handler.js';

const changes = (prevLSN: string, lsn: string, more: Partial<ChangesFrame> = {}): ChangesFrame => ({
  type: 'changes',
  stream: 1,
  n: 1,
  prevLSN,
  lsn,
  changes: [],
  ...more,
});
const head = (prevLSN: string, lsn: string): HeadFrame => ({
  type: 'head',
  stream: 1,
  n: 1,
  prevLSN,
  lsn,
  serverTime: 0,
});
const open = (lsn: string, part: number): OpenParts => ({lsn, part});

describe('a data frame, where the stream stands at 0/A,', () => {
  const table: [what: string, frame: ChangesFrame | HeadFrame, parts: OpenParts | undefined, verdict: string][] = [
    ['that links to it is the next', changes('0/A', '0/B'), undefined, 'next'],
    ['a head that links to it is the next', head('0/A', '0/10'), undefined, 'next'],
    ['that skips 2^32 is the next', changes('0/A', 'A/0'), undefined, 'next'],
    ['at it is a duplicate', changes('0/9', '0/A'), undefined, 'duplicate'],
    ['at it with another link is a duplicate', changes('0/A', '0/A'), undefined, 'duplicate'],
    ['before it is a duplicate', changes('0/1', '0/9'), undefined, 'duplicate'],
    ['a head before it is a duplicate', head('0/1', '0/9'), undefined, 'duplicate'],
    ['that begins before it and ends behind is a gap', changes('0/9', '0/B'), undefined, 'gap'],
    ['that begins behind it is a gap', changes('0/B', '0/C'), undefined, 'gap'],
    ['a head that begins behind it is a gap', head('0/B', '0/C'), undefined, 'gap'],
    ['far in the future is a gap', changes('FFFFFFFF/0', 'FFFFFFFF/FFFFFFFF'), undefined, 'gap'],
    ['a first part opens', changes('0/A', '0/B', {part: 1}), undefined, 'part 0/B 1'],
    [
      'a first part that is the final one is the next',
      changes('0/A', '0/B', {part: 1, final: true}),
      undefined,
      'next',
    ],
    ['a second part without a first is a gap', changes('0/A', '0/B', {part: 2}), undefined, 'gap'],
    ['a final part without a first is a gap', changes('0/A', '0/B', {part: 2, final: true}), undefined, 'gap'],
    ['part 0 is a gap', changes('0/A', '0/B', {part: 0}), undefined, 'gap'],
    ['a second part goes on', changes('0/A', '0/B', {part: 2}), open('0/B', 1), 'part 0/B 2'],
    ['a final part closes', changes('0/A', '0/B', {part: 3, final: true}), open('0/B', 2), 'next'],
    ['a part that skips one is a gap', changes('0/A', '0/B', {part: 3}), open('0/B', 1), 'gap'],
    ['a part again is a gap', changes('0/A', '0/B', {part: 1}), open('0/B', 1), 'gap'],
    ['a part of another transaction is a gap', changes('0/A', '0/C', {part: 2}), open('0/B', 1), 'gap'],
    ['a whole transaction between parts is a gap', changes('0/A', '0/B'), open('0/B', 1), 'gap'],
    ['a head between parts is a gap', head('0/A', '0/B'), open('0/B', 1), 'gap'],
    ['a duplicate between parts is one', changes('0/1', '0/9'), open('0/B', 1), 'duplicate'],
  ];
  for (const [what, frame, parts, expected] of table) {
    it(what, () => {
      const verdict = judge(frame, '0/A', parts);
      const text = verdict.kind === 'part' ? `part ${verdict.open.lsn} ${verdict.open.part}` : verdict.kind;
      expect(text).to.equal(expected);
    });
  }
});
