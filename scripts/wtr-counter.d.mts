interface Report {
  passed: number;
  failed: number;
  skipped: number;
  failures: {file: string; name: string}[];
}
/** Takes web-test-runner's sessions, of which it reads `testFile`, `testResults`, `errors` and `passed`. */
export function countSessions(sessions: readonly object[]): Report;
