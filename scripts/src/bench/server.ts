/**
 * `npm run bench:server`: what the certificate server does a second, what it costs, and how that grows. Servers are processes
 * of their own; the load comes from this one, on the same machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRandom } from '@tapseal/virtual-radio/seeded-random';
import { describeMachine, type Figure } from './figures.js';
import type { BenchContext, BenchOptions } from './server/bench-context.js';
import { growthPhase } from './server/growth-phase.js';
import { makeInstallation } from './server/installation.js';
import { PEER_NOTES, peerPhase } from './server/peer-phase.js';
import { postgresPhase } from './server/postgres-phase.js';
import { printServerReport } from './server/server-report.js';
import { sqlitePhase } from './server/sqlite-phase.js';

const phases = {
  sqlite: { label: 'SQLite', measure: sqlitePhase },
  growth: { label: 'growth', measure: growthPhase },
  postgres: { label: 'PostgreSQL', measure: postgresPhase },
  peer: { label: 'peer', measure: peerPhase },
} as const;
type PhaseName = keyof typeof phases;

const HELP = `Usage: npm run bench:server -- [--phase NAME]… [--taps N] [--seconds N] [--rounds N] [--seed N]
                                [--keep FOLDER] [--quick] [--json]

  --phase NAME   ${Object.keys(phases).join(', ')}; all where left out
  --taps N       redemptions in a timed round (default 20000)
  --seconds N    length of a round at a fixed rate (default 15)
  --rounds N     rounds of each kind; the median counts (default 5)
  --seed N       keys of phones and boxes, and who taps where; printed otherwise
  --keep FOLDER  keeps the five million vouchers of the growth phase there, for the next run
  --quick        a tenth of everything, to see that it works; its figures mean little
  --json         one JSON object instead of a table

The folder for databases is made under TMPDIR, which must be on a disk.

Example:
  npm run bench:server -- --phase sqlite --seed 1
`;

function parseOptions(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      phase: { type: 'string', multiple: true, default: Object.keys(phases) },
      taps: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      keep: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick } = values;
  const whole = (name: string, text: string | undefined, usual: number): number => {
    const value = text === undefined ? usual : Number(text);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`--${name} is a whole number above 0`);
    return value;
  };
  const seed = whole('seed', values.seed, 1);
  const options: BenchOptions = {
    taps: whole('taps', values.taps, quick ? 2_000 : 20_000),
    seconds: whole('seconds', values.seconds, quick ? 2 : 15),
    rounds: whole('rounds', values.rounds, quick ? 2 : 5),
    crowd: { keySeed: seed, phones: quick ? 400 : 4_000, boxes: quick ? 20 : 200 },
    growth: {
      smallVouchers: quick ? 1_000 : 10_000,
      largeVouchers: quick ? 100_000 : 5_000_000,
      shoppers: quick ? 20_000 : 1_000_000,
      keepFolder: values.keep,
    },
  };
  const names = Object.keys(phases) as PhaseName[];
  const chosen = values.phase.map((name) => {
    const phase = names.find((candidate) => candidate === name);
    if (phase === undefined) throw new RangeError(`--phase is one of ${names.join(', ')}`);
    return phase;
  });
  return { options, chosen, seed, asJson: values.json, help: values.help };
}

async function run(options: BenchOptions, chosen: readonly PhaseName[], seed: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tapseal-bench-'));
  const progress = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
    else process.stderr.write(`${text}\n`);
  };
  // Interrupted or not: the folder holds gigabytes.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.once('SIGINT', () => process.exit(130));
  try {
    progress('enrolling boxes and phones');
    const directory = join(folder, 'template');
    const template = await makeInstallation(directory, options.crowd);
    const bench: BenchContext = { options, folder, template, random: new SeededRandom(seed), progress };
    const figures: Figure[] = [];
    for (const phase of chosen) {
      const { label, measure } = phases[phase];
      const measured = await measure(bench);
      figures.push(...measured.map((figure) => ({ ...figure, name: `${label}: ${figure.name}` })));
    }
    return figures;
  } finally {
    if (process.stderr.isTTY) progress('');
  }
}

async function main(args: string[]): Promise<number> {
  let parsed: ReturnType<typeof parseOptions>;
  try {
    parsed = parseOptions(args);
  } catch (error) {
    process.stderr.write(
      `bench:server: ${error instanceof Error ? error.message : String(error)}\n\n${HELP}`,
    );
    return 2;
  }
  if (parsed.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options, chosen, seed, asJson } = parsed;
  const figures = await run(options, chosen, seed);
  const seeded = args.includes('--seed') ? args : [...args, '--seed', String(seed)];
  const command = ['npm run bench:server --', ...seeded.filter((arg) => arg !== '--json')].join(' ');
  const notes = chosen.includes('peer') ? PEER_NOTES : '';
  printServerReport({ seed, machine: describeMachine(), figures, command, notes }, asJson);
  return 0;
}

process.exit(await main(process.argv.slice(2)));
