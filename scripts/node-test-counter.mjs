/**
 * A node:test reporter that writes what happened as one JSON object, for scripts/test.mjs. Suites aren't counted, only
 * tests. A file that fails as a whole counts as one failure; one that contains no test does as well, because a test
 * that silently stopped being run is the failure nobody sees.
 */
export default async function* count(events) {
  const report = {passed: 0, failed: 0, skipped: 0, failures: []};
  for await (const {type, data} of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type === 'suite' && type === 'test:pass') continue;
    const isFile = data.nesting === 0 && data.file?.endsWith(data.name);
    if (data.skip !== undefined || data.todo !== undefined) report.skipped++;
    else if (type === 'test:pass' && !isFile) report.passed++;
    else if (data.details.type === 'suite' && data.details.error?.failureType === 'subtestsFailed') continue;
    else {
      report.failed++;
      report.failures.push({
        file: data.file,
        name: isFile ? (type === 'test:pass' ? 'contains no test' : 'the file as a whole') : data.name,
      });
    }
  }
  yield `${JSON.stringify(report)}\n`;
}
