/**
 * A web-test-runner reporter that writes what happened as one JSON object, for scripts/test.mjs: the same shape as
 * node-test-counter.mjs, by the same rules.
 */
import {writeFileSync} from 'node:fs';

function* testsOf(suite, path = []) {
  for (const test of suite.tests) yield {...test, name: [...path, test.name].join(' › ')};
  for (const inner of suite.suites) yield* testsOf(inner, [...path, inner.name]);
}

/** Counts the sessions of a finished run. */
export function countSessions(sessions) {
  const report = {passed: 0, failed: 0, skipped: 0, failures: []};
  const fail = (file, name) => {
    report.failed++;
    report.failures.push({file, name});
  };
  for (const session of sessions) {
    const file = session.testFile;
    const tests = session.testResults ? [...testsOf(session.testResults)] : [];
    for (const test of tests) {
      if (test.skipped) report.skipped++;
      else if (test.passed) report.passed++;
      else fail(file, test.name);
    }
    if (session.errors.length > 0) fail(file, session.errors[0].message.split('\n')[0]);
    else if (tests.length === 0) fail(file, 'contains no test');
    // A hook or an uncaught error can fail a session of which each single test passed.
    else if (session.passed === false && tests.every(test => test.passed || test.skipped))
      fail(file, 'the file as a whole');
  }
  return report;
}

export const counterReporter = path => ({
  stop({sessions}) {
    writeFileSync(path, JSON.stringify(countSessions([...sessions])));
  },
});
