import {expect} from '@open-wc/testing';
import {type LogLevel, levelLogger} from './logger.js';

function heard(level: LogLevel): string[] {
  const lines: string[] = [];
  const sink =
    (at: string) =>
    (message: string, ...details: unknown[]) =>
      void lines.push([at, message, ...details].join(' '));
  const logger = levelLogger(level, {
    error: sink('error'),
    warn: sink('warn'),
    info: sink('info'),
    debug: sink('debug'),
  });
  logger.error('e', 1);
  logger.warn('w');
  logger.info('i');
  logger.debug('d');
  return lines;
}

describe('a logger', () => {
  const all = [
    'error [sync-elements] e 1',
    'warn [sync-elements] w',
    'info [sync-elements] i',
    'debug [sync-elements] d',
  ];
  const levels: LogLevel[] = ['silent', 'error', 'warn', 'info', 'debug'];
  for (const [count, level] of levels.entries()) {
    it(`at ${level} lets ${count} of four through, details included`, () =>
      expect(heard(level)).to.deep.equal(all.slice(0, count)));
  }
  it('at a level that is none says nothing', () => expect(heard('loud' as LogLevel)).to.deep.equal([]));
});
