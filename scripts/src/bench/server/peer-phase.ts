/**
 * Limit decisions against rate-limiter-flexible, on the same databases with the same durability: a limit of the offer, which is
 * one hot counter, and a limit of each shopper. What each guarantees is in PEER_NOTES.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestPostgres } from '@tapseal/cert-server/testing/test-postgres';
import { atLeast, type Figure, inform } from '../figures.js';
import { percentile } from '../percentile.js';
import type { BenchContext } from './bench-context.js';
import { copyInstallation, engineOptions, makeInstallation } from './installation.js';
import type { PeerResult, PeerSubject, PeerTask } from './peer-task.js';

const MAIN_FILE = fileURLToPath(new URL('./peer-main.js', import.meta.url));
/** The peer gets the better of these: few connections queue less for the hot row, many commit together. */
const PEER_CONNECTIONS = [10, 64];

/** From the sources of version 11.4: RateLimiterSQLite, RateLimiterPostgres, RateLimiterStoreAbstract. */
export const PEER_NOTES = `What each guarantees:

| | Store.redeem | rate-limiter-flexible, consume() |
| --- | --- | --- |
| exact at once | yes | yes, for one limit: one atomic upsert |
| durable when it answers | yes, one commit for all that ask together | yes, one commit each (with these settings) |
| several limits, all or nothing | yes, one transaction | no: each consume() commits alone, a refusal leaves the others counted |
| a refusal counts nothing | yes | no: the counter goes up past its maximum |
| the same request twice | the same answer, counted once | counted twice |
| what was granted | a decision on record, with the box nonce used up | a counter |
| periods | calendar in a time zone, or rolling | a fixed window from the first use |
| answer | a decision to be signed, refusals as well | points that are left, in clear |`;

async function measure(task: PeerTask): Promise<number> {
  const env = { ...process.env, ...engineOptions() };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN_FILE, JSON.stringify(task)], { env });
  return (JSON.parse(stdout) as PeerResult).perSecond;
}

type Rates = Readonly<Record<PeerSubject, number>>;

/** All take turns; the median of each. */
async function takeTurns(
  bench: BenchContext,
  label: string,
  run: (subject: PeerSubject) => Promise<number>,
): Promise<Rates> {
  const samples: Record<PeerSubject, number[]> = { tapseal: [], 'peer-both': [], 'peer-hot': [] };
  for (let i = 1; i <= bench.options.rounds; i++) {
    for (const [subject, rates] of Object.entries(samples) as [PeerSubject, number[]][]) {
      bench.progress(`peer on ${label}: round ${i} of ${bench.options.rounds}, ${subject}`);
      rates.push(await run(subject));
    }
  }
  const rate = (subject: PeerSubject): number => percentile(samples[subject], 0.5);
  return { tapseal: rate('tapseal'), 'peer-both': rate('peer-both'), 'peer-hot': rate('peer-hot') };
}

function figuresOf(label: string, rates: Rates): Figure[] {
  const { tapseal, 'peer-both': both, 'peer-hot': hot } = rates;
  return [
    inform(`${label}: Store.redeem, two limits and the record`, tapseal, 'a second'),
    inform(`${label}: rate-limiter-flexible, the same two limits`, both, 'a second'),
    atLeast(`${label}: limit decisions over rate-limiter-flexible`, tapseal / both, '×', 5),
    inform(`${label}: rate-limiter-flexible, the limit of the offer alone`, hot, 'a second'),
    inform(`${label}: Store.redeem with two limits over its one`, tapseal / hot, '×'),
  ];
}

async function onSqlite(bench: BenchContext): Promise<Figure[]> {
  const { crowd, taps: decisions } = bench.options;
  const { directory } = copyInstallation(bench.template, join(bench.folder, 'peer'));
  const rates = await takeTurns(bench, 'SQLite', (subject) =>
    measure({ subject, crowd, directory, decisions }),
  );
  return figuresOf('SQLite', rates);
}

async function onPostgres(bench: BenchContext): Promise<Figure[]> {
  const { crowd, taps: decisions } = bench.options;
  const postgres = await startTestPostgres({ settings: { max_connections: '200', shared_buffers: '512MB' } });
  try {
    const database = await postgres.createDatabase();
    const { directory } = await makeInstallation(join(bench.folder, 'peer-postgres'), crowd, database);
    const peerDatabase = await postgres.createDatabase();
    const rates = await takeTurns(bench, 'PostgreSQL', async (subject) => {
      const task = { subject, crowd, directory, decisions };
      if (subject === 'tapseal') return measure({ ...task, database });
      const tries: number[] = [];
      for (const connections of PEER_CONNECTIONS)
        tries.push(await measure({ ...task, database: peerDatabase, connections }));
      return Math.max(...tries);
    });
    return figuresOf('PostgreSQL', rates);
  } finally {
    await postgres.stop();
  }
}

export async function peerPhase(bench: BenchContext): Promise<Figure[]> {
  return [...(await onSqlite(bench)), ...(await onPostgres(bench))];
}
