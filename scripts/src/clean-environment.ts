/**
 * Runs before each test file: settings of whoever runs the tests, for our programs or for a PostgreSQL of theirs, are not those
 * of the tests, nor of the processes that they start.
 */

/** Seeds and sizes that a person gives to the tests themselves. */
const OF_TESTS = /^TAPSEAL_(?:[A-Z0-9]+_)?(?:SEED|RUNS)$/;

for (const name of Object.keys(process.env)) {
  if (/^(?:TAPSEAL_|PG[A-Z])/.test(name) && !OF_TESTS.test(name)) delete process.env[name];
}
