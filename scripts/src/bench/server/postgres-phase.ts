/**
 * PostgreSQL, a real server on this machine with its durability as it comes: one server process, then three on one database,
 * all of them at one offer with a maximum, so that every grant counts on the same row.
 */
import { join } from 'node:path';
import { startTestPostgres } from '@tapseal/cert-server/testing/test-postgres';
import { atLeast, type Figure, inform } from '../figures.js';
import { percentile } from '../percentile.js';
import type { BenchContext } from './bench-context.js';
import { type Installation, makeInstallation, startServer } from './installation.js';
import { MeasuredServers, type Round } from './measured-servers.js';

/** Of a database for three servers. */
const settings = { max_connections: '200', shared_buffers: '512MB' } as const;

function median(rounds: readonly Round[], figure: (round: Round) => number): number {
  return percentile(rounds.map(figure), 0.5);
}

async function measure(
  bench: BenchContext,
  installation: Installation,
  database: string,
  nodes: number,
): Promise<Round[]> {
  const starting = Array.from({ length: nodes }, (_, index) =>
    startServer(installation, { database, name: `server-${nodes}-${index}` }),
  );
  const servers = await MeasuredServers.start(bench, installation, starting);
  try {
    bench.progress(`PostgreSQL, nodes: ${nodes}, warm-up`);
    await servers.warmUp();
    const rounds: Round[] = [];
    for (let i = 1; i <= bench.options.rounds; i++) {
      bench.progress(`PostgreSQL, nodes: ${nodes}, round ${i} of ${bench.options.rounds}`);
      rounds.push(await servers.closedLoop(bench.options.taps));
    }
    await servers.checkCount();
    return rounds;
  } finally {
    await servers.stop();
  }
}

export async function postgresPhase(bench: BenchContext): Promise<Figure[]> {
  bench.progress('PostgreSQL: enrolling boxes and phones');
  const postgres = await startTestPostgres({ settings });
  try {
    const database = await postgres.createDatabase();
    const { crowd } = bench.options;
    const installation = await makeInstallation(join(bench.folder, 'postgres'), crowd, database);
    const one = await measure(bench, installation, database, 1);
    const three = await measure(bench, installation, database, 3);
    const onePerSecond = median(one, (round) => round.result.perSecond);
    const threePerSecond = median(three, (round) => round.result.perSecond);
    return [
      atLeast('durable redemptions, one node', onePerSecond, 'a second', 1_500),
      inform('latency at that load, p50', median(one, percentileOf(0.5)), 'ms'),
      inform('latency at that load, p99', median(one, percentileOf(0.99)), 'ms'),
      inform(
        'server processor time a redemption',
        median(one, (round) => round.processorUs),
        'µs',
      ),
      inform(
        'database and kernel, processor time a redemption',
        median(one, (round) => round.othersUs),
        'µs',
      ),
      inform('one hot offer, three nodes', threePerSecond, 'a second'),
      atLeast('three nodes over one, one hot offer', threePerSecond / onePerSecond, '×', 0.5),
      inform('latency with three nodes, p99', median(three, percentileOf(0.99)), 'ms'),
    ];
  } finally {
    await postgres.stop();
  }
}

function percentileOf(share: number): (round: Round) => number {
  return (round) => percentile([...round.result.sinceDueMs], share);
}
