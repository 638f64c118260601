/**
 * `npm run demo`: a server, two touchpoints and several shoppers as processes of their own over the virtual radio. Ends by
 * itself, with status 0 only if everything happened as it should. `--json`: one object a step, and a last one with the
 * counts. `--keep`: leaves everything running. `--seed N`: of the chance on the air.
 */
import { parseArgs } from 'node:util';
import { preloadPath } from '@tapseal/virtual-radio/preload-path';
import { programFile } from '../fleet/package-bin.js';
import { JsonStepList, ScreenStepList, type StepList } from './step-list.js';
import { Story } from './story.js';
import { Venue } from './venue.js';

const HELP = `Usage: npm run demo -- [--json] [--keep] [--seed N]

Starts a certificate server, two touchpoints and several phones on this machine, over a virtual radio, and shows what they
do. Ends by itself in under a minute.

  --json    one JSON object a step, and a last one with the counts
  --keep    leave everything running, and print how to use the command line with it
  --seed N  seed of all chance on the air; printed otherwise

Example:
  npm run demo -- --json --seed 7

Exit status: 0 if every step went as it should, 1 if not, 2 for wrong options, 130 when interrupted.
`;

type Options = { readonly json: boolean; readonly keep: boolean; readonly seed: number };

function parseOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed is a whole number');
  return { json: values.json, keep: values.keep, seed };
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

function howToUse(venue: Venue): string {
  const { workbench } = venue;
  const environment = Object.entries(workbench.operatorEnvironment).map(
    ([name, value]) => `${name}=${quoted(value)}`,
  );
  const phone = [
    `NODE_OPTIONS=${quoted(`--require ${preloadPath()}`)} TAPSEAL_RADIO_SOCKET=${quoted(workbench.air.socketPath)}`,
    `  node ${quoted(programFile('tapseal-shopper'))} watch`,
    `  --server ${workbench.phoneUrl} --programme demo --ca ${quoted(workbench.caFile)} --state ${quoted(`${venue.folder}/phone-you`)}`,
  ];
  return [
    'Everything goes on running until Ctrl-C. In another terminal:',
    '',
    `  export ${environment.join(' ')}`,
    '  npx tapseal offer list',
    '  npx tapseal grant list',
    '  npx tapseal touchpoint show coffee-1',
    '',
    `The interface of the server: ${workbench.serverUrl}/docs`,
    'A phone of your own (then type: tap parking 500, or: touchpoints):',
    '',
    ...phone.map((line, index) => `  ${line}${index < phone.length - 1 ? ' \\' : ''}`),
  ].join('\n');
}

async function setUp(venue: Venue, steps: StepList, startedMs: number): Promise<void> {
  steps.note(`server   ${venue.workbench.serverUrl}, with an authority and a database of its own`);
  const count = await venue.openBoxes();
  steps.note(`boxes    ${count} touchpoints enrolled and advertising, without any network`);
  for (const sentence of await venue.createOffers()) steps.note(`offer    ${sentence}`);
  steps.note(`         ready after ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
}

async function untilInterrupted(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
}

async function play(options: Options): Promise<number> {
  const startedMs = performance.now();
  const steps: StepList = options.json ? new JsonStepList() : new ScreenStepList(process.stdout);
  steps.heading(`Tapseal demo (seed ${options.seed})`);
  const venue = await Venue.start(options.seed);
  const ended = new AbortController();
  const closeEarly = (): void => {
    ended.abort();
    void venue.close().then(() => process.exit(130));
  };
  process.once('SIGINT', closeEarly);
  process.once('SIGTERM', closeEarly);
  try {
    await setUp(venue, steps, startedMs);
    steps.heading('Taps');
    const results = await new Story(venue, steps).tell(ended.signal);
    if (ended.signal.aborted) return 130;
    const ok = results.filter((result) => result.ok).length;
    const counts = { steps: results.length, ok, failed: results.length - ok };
    steps.summary({ ...counts, seconds: (performance.now() - startedMs) / 1_000 });
    if (options.keep) {
      process.off('SIGINT', closeEarly);
      process.off('SIGTERM', closeEarly);
      process.stderr.write(`\n${howToUse(venue)}\n`);
      await untilInterrupted();
    }
    return counts.failed === 0 ? 0 : 1;
  } finally {
    await venue.close();
  }
}

async function main(args: string[]): Promise<number> {
  let options: Options | 'help';
  try {
    options = parseOptions(args);
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n\n${HELP}`);
    return 2;
  }
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  try {
    return await play(options);
  } catch (error) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

process.exit(await main(process.argv.slice(2)));
