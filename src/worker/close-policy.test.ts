import {expect} from '@open-wc/testing';
import {afterClose} from './close-policy.js';

describe('after a close code', () => {
  const table: [code: number, kind: string, error?: string, action?: string][] = [
    [1000, 'retry'],
    [1001, 'retry'],
    [1002, 'retry'],
    [1005, 'retry'],
    [1006, 'retry'],
    [1008, 'retry'],
    [1009, 'retry'],
    [1011, 'retry'],
    [1012, 'retry'],
    [1013, 'retry'],
    [1015, 'retry'],
    [3000, 'retry'],
    [3999, 'retry'],
    [4400, 'retry'],
    [4401, 'refresh-token'],
    [4403, 'stop', 'forbidden', 'sign-in'],
    [4406, 'stop', 'protocol-version', 'reload'],
    [4408, 'retry'],
    [4409, 'stand-down'],
    [4410, 'stop', 'shared-client', 'reload'],
    [4429, 'retry'],
    [4503, 'retry'],
    [4999, 'retry'],
    [0, 'retry'],
    [-1, 'retry'],
    [65_535, 'retry'],
  ];
  for (const [code, kind, error, action] of table) {
    it(`${code}: ${kind}${error ? ` with ${error}, ${action}` : ''}`, () => {
      const policy = afterClose(code, '');
      expect(policy.kind).to.equal(kind);
      if (policy.kind === 'stop') expect(policy.error).to.include({code: error, action});
    });
  }
  it('4403 says what the server said', () => {
    const policy = afterClose(4403, 'not on weekends');
    expect(policy.kind === 'stop' && policy.error.message).to.contain('not on weekends');
  });
});
