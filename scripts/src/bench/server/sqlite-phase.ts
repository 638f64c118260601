/**
 * The embedded database: processor time of a redemption against the floor of its cryptography, durable redemptions a second
 * against the same server with store and limits taken out, and latency at half of that load. Both servers run all the time and
 * take turns, so that whatever changes on the machine changes for both.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeast, atMost, type Figure, inform } from '../figures.js';
import { percentile } from '../percentile.js';
import type { BenchContext } from './bench-context.js';
import { type CryptoFloor, measureCryptoFloor, signedTextsOf } from './crypto-floor.js';
import { copyInstallation, engineOptions, startServer } from './installation.js';
import { syncMs } from './machine-load.js';
import { MeasuredServers, type Round } from './measured-servers.js';
import { ServerProcess } from './server-process.js';

const STORELESS_FILE = fileURLToPath(new URL('./storeless-server.js', import.meta.url));

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

async function floorOf(round: Round): Promise<CryptoFloor> {
  const [answer] = round.result.bodies;
  if (answer === undefined) throw new Error('a round without answers');
  return measureCryptoFloor(signedTextsOf(round.taps, answer));
}

type Rounds = { durable: Round[]; storeless: Round[]; floorUs: number[] };

async function takeTurns(
  bench: BenchContext,
  durable: MeasuredServers,
  storeless: MeasuredServers,
): Promise<Rounds> {
  const rounds: Rounds = { durable: [], storeless: [], floorUs: [] };
  for (let i = 1; i <= bench.options.rounds; i++) {
    bench.progress(`SQLite: round ${i} of ${bench.options.rounds}, durable`);
    const round = await durable.closedLoop(bench.options.taps);
    rounds.durable.push(round);
    bench.progress(`SQLite: round ${i} of ${bench.options.rounds}, without store`);
    rounds.storeless.push(await storeless.closedLoop(bench.options.taps));
    bench.progress(`SQLite: round ${i} of ${bench.options.rounds}, cryptography`);
    rounds.floorUs.push(...(await floorOf(round)).rounds);
  }
  return rounds;
}

function processorFigures({ durable, storeless, floorUs }: Rounds): Figure[] {
  const floor = median(floorUs);
  const server = median(durable.map((round) => round.processorUs));
  return [
    inform('crypto floor: two verifications, two signatures', floor, 'µs'),
    inform('server processor time a redemption, all in', server, 'µs'),
    atMost('server processor time over the crypto floor', server / floor, '×', 1.6),
    inform(
      'the same without store and limits',
      median(storeless.map((round) => round.processorUs)) / floor,
      '×',
    ),
  ];
}

function rateFigures({ durable, storeless }: Rounds): Figure[] {
  const perSecond = median(durable.map((round) => round.result.perSecond));
  const without = median(storeless.map((round) => round.result.perSecond));
  const closed = durable.flatMap((round) => [...round.result.sinceDueMs]);
  return [
    atLeast('durable redemptions, 64 connections', perSecond, 'a second', 3_000),
    inform('the same route without store and limits', without, 'a second'),
    atLeast('durable over without store', perSecond / without, '×', 0.75),
    inform('latency at full load, p50', median(closed), 'ms'),
    inform('latency at full load, p99', percentile(closed, 0.99), 'ms'),
    inform(
      'load generator, processor time a request',
      median(durable.map((round) => round.generatorUs)),
      'µs',
    ),
    inform(
      'machine taken by others meanwhile',
      median([...durable, ...storeless].map((round) => round.othersShare)) * 100,
      '%',
    ),
  ];
}

export async function sqlitePhase(bench: BenchContext): Promise<Figure[]> {
  const durableInstallation = copyInstallation(bench.template, join(bench.folder, 'durable'));
  const storelessInstallation = copyInstallation(bench.template, join(bench.folder, 'storeless'));
  const durable = await MeasuredServers.start(bench, durableInstallation, [startServer(durableInstallation)]);
  const storeless = await MeasuredServers.start(bench, storelessInstallation, [
    ServerProcess.start({
      args: [STORELESS_FILE, storelessInstallation.directory],
      env: engineOptions(),
      logFile: join(storelessInstallation.directory, 'server.log'),
    }),
  ]);
  try {
    bench.progress('SQLite: warm-up');
    await durable.warmUp();
    await storeless.warmUp();
    const rounds = await takeTurns(bench, durable, storeless);
    const rate = rateFigures(rounds);
    const half = median(rounds.durable.map((round) => round.result.perSecond)) / 2;
    bench.progress('SQLite: half of the load');
    const { result } = await durable.openLoop(half, bench.options.seconds);
    await durable.checkCount();
    const sinceDue = [...result.sinceDueMs];
    return [
      ...processorFigures(rounds),
      ...rate,
      inform('latency at half of that load, p50', median(sinceDue), 'ms'),
      atMost('latency at half of that load, p99', percentile(sinceDue, 0.99), 'ms', 40),
      inform('disk: until a block is durable', syncMs(bench.folder), 'ms'),
    ];
  } finally {
    await durable.stop();
    await storeless.stop();
  }
}
