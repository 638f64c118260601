// Reads the report of a test run, names what was skipped, and closes with one line that a machine can read.
// Exit status 1 where a test failed or was skipped, or none ran.
import { readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
let report;
try {
  report = JSON.parse(readFileSync(file, 'utf8'));
} catch {
  process.stderr.write('the test run wrote no report: it ended before its first test\n');
  process.exit(1);
}
const skipped = [];
for (const suite of report.testResults) {
  for (const test of suite.assertionResults) {
    if (test.status === 'skipped' || test.status === 'pending' || test.status === 'todo')
      skipped.push(test.fullName);
  }
}
for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
// A file that could not even be loaded has no tests to count, and is a failure all the same.
const brokenFiles = report.testResults.filter(
  (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
);
for (const suite of brokenFiles) process.stdout.write(`did not load: ${suite.name}\n`);
const failed = report.numFailedTests + brokenFiles.length;
process.stdout.write(
  `${report.numPassedTests} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}\n`,
);
process.exit(failed === 0 && skipped.length === 0 && report.numPassedTests > 0 ? 0 : 1);
