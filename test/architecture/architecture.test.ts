/** The rules of rules.ts, held against the code as it is. That they can fail is proven in rules.test.ts. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {describe, it} from 'node:test';
import * as rules from './rules.js';
import {root, type Source, sourcesOf} from './source.js';

const core = sourcesOf('src');
const components = sourcesOf('components');
const server = sourcesOf('server');
const testing = sourcesOf('testing');
const all = [...core, ...components, ...server, ...testing];

const holds = (violations: string[]) => assert.equal(violations.join('\n'), '');
const each = (sources: readonly Source[], judge: (source: Source) => string[]) => holds(sources.flatMap(judge));

describe('architecture', () => {
  it('finds the sources it judges', () => {
    for (const sources of [core, components, server, testing]) assert.ok(sources.length > 0);
  });
  it('imports follow the arrows', () => each(all, rules.judgeArrows));
  it('only platform touches the world', () => each(core, rules.judgeOutside));
  it('every exception is needed', () => {
    for (const [path, {names}] of Object.entries(rules.EXCEPTIONS)) {
      const taken = core.find(source => source.path === path)?.outside.map(({name}) => name.split(/[.(]/)[0]);
      for (const name of names) assert.ok(taken?.includes(name), `${name} in ${path}`);
    }
  });
  it('the core and compat have no more lines of code than their bounds', () => holds(rules.judgeCoreSize(core)));
  it('no file is over 300 lines', () => each(all, rules.judgeFileSize));
  it('each room opens with a file that says what it is for', () => holds(rules.judgeRoomHeaders(core)));
  it('each error code has an entry in docs/errors.md', () => {
    const documented = rules.documentedCodes(readFileSync(`${root}/docs/errors.md`, 'utf8'));
    each(all, source => rules.judgeErrorCodes(source, documented));
  });
});
