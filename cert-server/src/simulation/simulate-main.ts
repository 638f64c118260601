/**
 * Simulations on demand: `npm run simulate -- --seeds 100000 --from 1`, on the embedded store; with `--database` on PostgreSQL, in
 * a database that is empty. Ends at the first seed in which model and server differ, with how to see it again.
 */
import { parseArgs } from 'node:util';
import cliProgress from 'cli-progress';
import { runSeeds } from './run-seeds.js';
import { SimulatedPostgres } from './simulated-postgres.js';
import { SimulatedSqlite } from './simulated-sqlite.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    database: { type: 'string' },
  },
});
const { database } = values;
const [count, from] = [Number(values.seeds), Number(values.from)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(from)) {
  throw new RangeError('--seeds and --from are whole numbers');
}

const bar = new cliProgress.SingleBar({ format: 'seeds {bar} {value}/{total}, {eta_formatted} left' });
bar.start(count, 0);
try {
  const openDisk = () => (database === undefined ? new SimulatedSqlite() : SimulatedPostgres.open(database));
  const total = await runSeeds({ from, count }, openDisk, (done) => bar.update(done));
  bar.stop();
  process.stdout.write(
    `seeds ${from} to ${from + count - 1} agree with the model: ${JSON.stringify(total)}\n`,
  );
} catch (error) {
  bar.stop();
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
