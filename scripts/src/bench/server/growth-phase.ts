/**
 * Growth: the same load on a server with few stored vouchers and on one with millions. Both run all the time and take turns;
 * latency counts from sending, since a wait for the schedule would be in both medians and hide their difference. Each file is
 * read through before its round, so that it lies in the memory of the system: some machines empty theirs within a minute, and
 * then the figure would be one of their disk.
 */
import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DATABASE_FILE } from '@tapseal/cert-server/store/store-location';
import { atMost, type Figure, inform } from '../figures.js';
import { percentile } from '../percentile.js';
import type { BenchContext } from './bench-context.js';
import { freshenDatabase, growDatabase } from './growth-data.js';
import { copyInstallation, findInstallation, type Installation, startServer } from './installation.js';
import { MeasuredServers } from './measured-servers.js';
import { postReceipts } from './post-receipts.js';

/** Moderate: no request has to wait for another one. */
const LOAD_PER_SECOND = 500;
const PIECE_BYTES = 4 * 1024 * 1024;

/** Grants by the server itself, with the receipts of their boxes. */
async function makeSmall(bench: BenchContext): Promise<Installation> {
  const { smallVouchers } = bench.options.growth;
  bench.progress(`growth: ${smallVouchers} vouchers of the server's own`);
  const small = copyInstallation(bench.template, join(bench.folder, 'growth-small'));
  const servers = await MeasuredServers.start(bench, small, [startServer(small)]);
  try {
    const { plan, result } = await servers.closedLoop(smallVouchers);
    const [server] = servers.servers;
    if (server !== undefined) await postReceipts(server.url, small.crowd, result.bodies, plan.boxes);
  } finally {
    await servers.stop();
  }
  return small;
}

function makeLarge(bench: BenchContext, small: Installation): Installation {
  const { keepFolder, largeVouchers, shoppers } = bench.options.growth;
  const directory = keepFolder ?? join(bench.folder, 'growth-large');
  const kept = findInstallation(directory);
  if (kept !== undefined) {
    freshenDatabase(join(directory, DATABASE_FILE), Date.now());
    return kept;
  }
  if (existsSync(directory)) throw new Error(`${directory} exists, and was not made by this benchmark`);
  try {
    const large = copyInstallation(small, directory);
    const file = join(directory, DATABASE_FILE);
    growDatabase(file, { vouchers: largeVouchers, shoppers }, Date.now(), bench.progress);
    return large;
  } catch (error) {
    // Half of it would be taken for the whole by the next run.
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

function readThrough(file: string): void {
  const piece = Buffer.alloc(PIECE_BYTES);
  const descriptor = openSync(file, 'r');
  while (readSync(descriptor, piece) > 0);
  closeSync(descriptor);
}

type Size = { readonly servers: MeasuredServers; readonly file: string };

async function startSize(bench: BenchContext, installation: Installation): Promise<Size> {
  const servers = await MeasuredServers.start(bench, installation, [startServer(installation)]);
  return { servers, file: join(installation.directory, DATABASE_FILE) };
}

type Latencies = { readonly p50: readonly number[]; readonly p99: readonly number[] };

/** Round by round, ms. */
async function takeTurns(
  bench: BenchContext,
  sizes: Readonly<Record<'small' | 'large', Size>>,
): Promise<Record<'small' | 'large', Latencies>> {
  const latencies = { small: { p50: [], p99: [] }, large: { p50: [], p99: [] } } as Record<
    'small' | 'large',
    { p50: number[]; p99: number[] }
  >;
  for (let i = 1; i <= bench.options.rounds; i++) {
    for (const name of ['small', 'large'] as const) {
      bench.progress(`growth: round ${i} of ${bench.options.rounds}, ${name}`);
      const { servers, file } = sizes[name];
      readThrough(file);
      const { result } = await servers.openLoop(LOAD_PER_SECOND, bench.options.seconds);
      const sinceSent = [...result.sinceSentMs];
      latencies[name].p50.push(percentile(sinceSent, 0.5));
      latencies[name].p99.push(percentile(sinceSent, 0.99));
    }
  }
  return latencies;
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

async function compare(bench: BenchContext, small: Size, large: Size): Promise<Figure[]> {
  const { smallVouchers, largeVouchers, shoppers } = bench.options.growth;
  if (large.servers.granted < largeVouchers)
    throw new Error(`${large.file} has ${large.servers.granted} vouchers: make it anew`);
  bench.progress('growth: warm-up');
  await small.servers.warmUp();
  await large.servers.warmUp();
  const latencies = await takeTurns(bench, { small, large });
  await large.servers.checkCount();
  const [server] = large.servers.servers;
  if (server === undefined) throw new Error('the large server is gone');
  const [smallMs, largeMs] = [median(latencies.small.p50), median(latencies.large.p50)];
  const load = `latency at ${LOAD_PER_SECOND} a second`;
  return [
    inform(`${load}, ${smallVouchers} vouchers stored, p50`, smallMs, 'ms'),
    inform(`${load}, ${largeVouchers} vouchers and ${shoppers} shoppers stored, p50`, largeMs, 'ms'),
    atMost('growth of the median latency', largeMs / smallMs, '×', 1.2),
    inform('growth of p99', median(latencies.large.p99) / median(latencies.small.p99), '×'),
    atMost('resident memory after the load', server.residentMb(), 'MB', 250),
    inform('resident memory, highest', server.residentMb(true), 'MB'),
    inform('database file, a stored voucher', statSync(large.file).size / largeVouchers, 'bytes'),
  ];
}

export async function growthPhase(bench: BenchContext): Promise<Figure[]> {
  const smallInstallation = await makeSmall(bench);
  const largeInstallation = makeLarge(bench, smallInstallation);
  const small = await startSize(bench, smallInstallation);
  const large = await startSize(bench, largeInstallation);
  let figures: Figure[];
  try {
    figures = await compare(bench, small, large);
  } finally {
    await small.servers.stop();
    await large.servers.stop();
  }
  // Once more, right after the load: with thousands of answers that phones may still wait for.
  const again = await startServer(largeInstallation);
  await again.stop();
  const startMs = Math.max(again.startMs, ...large.servers.servers.map((server) => server.startMs));
  return [...figures, atMost('start to listening, the slower of two', startMs / 1_000, 's', 3)];
}
