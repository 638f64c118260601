/**
 * `npm run bench:tap`: how long a tap takes, over the virtual radio with real processes: server, box and phone.
 *
 * Advertising every 100 ms, connection interval 30 ms, MTU 185, 60 ms of network round trip between phone and server. Times
 * are taken on the clock that all processes of a machine share: from the phone's approval (or the start of its scan) to the
 * moment when the box's actuator has acted.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { JsonLinesProcess } from '../fleet/json-lines-process.js';
import { ShopperPhone, type TapEnd } from '../fleet/shopper-phone.js';
import { type TouchpointPlan, Workbench } from '../fleet/workbench.js';
import { atMost, describeMachine, type Figure, inform, printReport } from './figures.js';
import { PacketCounter } from './packet-counter.js';
import { percentile } from './percentile.js';
import { processorMs, residentMb } from './process-usage.js';

const HELP = `Usage: npm run bench:tap -- [--taps N] [--seed N] [--json]

  --taps N  taps with a held link (default 200); a third as many after a dropped link, and as many cold ones
  --seed N  seed of all chance on the air; printed otherwise
  --json    one JSON object instead of a table

Example:
  npm run bench:tap -- --taps 50 --seed 1
`;

const ADVERTISING_MS = 100;
const CONNECTION_INTERVAL_MS = 30;
const MTU = 185;
const NETWORK_ROUND_TRIP_MS = 60;
const READ_MS = 600;
/** Longer than a box with a hold time of 0 leaves its hello on the way, so that the link is gone at the approval. */
const READ_DROPPED_MS = 1_800;
/** Not counted: the first taps of a process compile its code. */
const WARM_UP_TAPS = 10;
const STARTS = 5;

function plan(name: string, holdMs: number, x: number, logLevel: string): TouchpointPlan {
  const config = [
    `log_level = "${logLevel}"`,
    `[link]\nhold_ms = ${holdMs}`,
    `[adapter]\nallow_bluetoothd = true\nadvertising_interval_ms = ${ADVERTISING_MS}`,
    '[actions.open]\nactuator = "log"',
  ].join('\n');
  return { name, title: name, place: 'bench', config, positionM: { x, y: 0 } };
}

/** As in a venue, where the box reports what it grants and no more. */
const heldPlan = plan('held', 15_000, 0, 'info');
/** This one has to say when its link is gone. */
const droppedPlan = plan('dropped', 0, 100, 'debug');

class TapBench {
  readonly #workbench: Workbench;
  readonly #asJson: boolean;

  constructor(workbench: Workbench, asJson: boolean) {
    this.#workbench = workbench;
    this.#asJson = asJson;
  }

  #progress(text: string): void {
    if (!this.#asJson && process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`);
  }

  async setUp(): Promise<void> {
    for (const each of [heldPlan, droppedPlan]) await this.#workbench.enrolTouchpoint(each);
    const touchpoints = ['--touchpoint', heldPlan.name, '--touchpoint', droppedPlan.name];
    await this.#workbench.tapseal('offer', 'create', 'gate', ...touchpoints, '--action', 'open');
  }

  /** From the start of the process to the first advert. */
  async startTimes(): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < STARTS; i++) {
      const startedMs = performance.now();
      const box = await this.#workbench.startTouchpoint(heldPlan);
      times.push(performance.now() - startedMs);
      await box.stop();
    }
    return times;
  }

  async phoneAt(touchpoint: TouchpointPlan): Promise<ShopperPhone> {
    const { x } = touchpoint.positionM;
    const name = `phone-${touchpoint.name}`;
    const phone = new ShopperPhone(this.#workbench.startShopper({ name, positionM: { x, y: 1 } }));
    await phone.started();
    return phone;
  }

  /** A tap at whose approval the box has dropped the link. @returns ms from the approval */
  async dropped(phone: ShopperPhone, box: JsonLinesProcess): Promise<number> {
    const since = box.lines.length;
    const { approval, approvedAtMs } = await this.tap(phone, box, READ_DROPPED_MS);
    const gone = box.lines
      .slice(since)
      .some((line) => line.event === 'link_closed' && Number(line.atMs) < approvedAtMs);
    if (!gone) throw new Error('the link was still there at the approval: this measures nothing');
    return approval;
  }

  /** @returns ms from the approval, and from the start of the scan if the phone looked around first */
  async tap(
    phone: ShopperPhone,
    box: JsonLinesProcess,
    readMs: number,
  ): Promise<{ approval: number; scan: number; approvedAtMs: number }> {
    const since = phone.process.lines.length;
    const end: TapEnd = await phone.tap('gate', readMs);
    if (end.type !== 'delivered') throw new Error(`a tap ended with ${JSON.stringify(end.event)}`);
    const actuated = await box.seen(
      (line) => line.event === 'actuated' && line.transactionId === end.event.transactionId,
      'actuation',
    );
    const scanning = phone.process.lines.slice(since).find(({ type }) => type === 'scanning');
    const atMs = Number(actuated.atMs);
    const { approvedAtMs } = end;
    return { approval: atMs - approvedAtMs, scan: atMs - Number(scanning?.atMs ?? Number.NaN), approvedAtMs };
  }

  async repeat(label: string, count: number, run: () => Promise<number>): Promise<number[]> {
    const samples: number[] = [];
    for (let i = 0; i < count; i++) {
      this.#progress(`${label}: ${i + 1} of ${count}`);
      samples.push(await run());
    }
    this.#progress('');
    return samples;
  }

  async cold(phone: ShopperPhone, box: JsonLinesProcess): Promise<number> {
    await phone.command('stop');
    await phone.command('forget');
    return (await this.tap(phone, box, 0)).scan;
  }
}

function spread(name: string, samples: readonly number[], p50Max: number, p95Max?: number): Figure[] {
  const p95 = percentile(samples, 0.95);
  return [
    atMost(`${name}, p50`, percentile(samples, 0.5), 'ms', p50Max),
    p95Max === undefined ? inform(`${name}, p95`, p95, 'ms') : atMost(`${name}, p95`, p95, 'ms', p95Max),
  ];
}

/** Bytes of the SDK core with the Web adapter, as its own build measures it. */
function sdkBytes(): number {
  const script = fileURLToPath(new URL('../../../mobile-sdk/size.mjs', import.meta.url));
  const output = execFileSync(process.execPath, [script, '--json'], { encoding: 'utf8' });
  return Number((JSON.parse(output) as { value: number }).value);
}

async function measure(workbench: Workbench, taps: number, asJson: boolean): Promise<Figure[]> {
  const bench = new TapBench(workbench, asJson);
  await bench.setUp();
  const starts = await bench.startTimes();
  const counter = new PacketCounter();
  workbench.air.observe((event) => counter.observe(event));

  const heldBox = await workbench.startTouchpoint(heldPlan);
  const heldPhone = await bench.phoneAt(heldPlan);
  await bench.repeat(
    'warm-up',
    WARM_UP_TAPS,
    async () => (await bench.tap(heldPhone, heldBox, READ_MS)).approval,
  );
  const usedMs = processorMs(heldBox.pid);
  const held = await bench.repeat(
    'held link',
    taps,
    async () => (await bench.tap(heldPhone, heldBox, READ_MS)).approval,
  );
  const processorPerTapMs = (processorMs(heldBox.pid) - usedMs) / taps;
  const cold = await bench.repeat('cold', Math.ceil(taps / 3), () => bench.cold(heldPhone, heldBox));
  const residentAfterMb = residentMb(heldBox.pid);
  await heldPhone.command('stop');

  const droppedBox = await workbench.startTouchpoint(droppedPlan);
  const droppedPhone = await bench.phoneAt(droppedPlan);
  const dropped = await bench.repeat('dropped link', Math.ceil(taps / 3), () =>
    bench.dropped(droppedPhone, droppedBox),
  );
  return [
    ...spread('approval to actuation, link held', held, 150, 250),
    ...spread('approval to actuation, link dropped by the box', dropped, 600),
    ...spread('scan start to actuation, cold', cold, 800),
    atMost('packets a hello', counter.perMessage('hello'), 'packets', 1),
    atMost('packets a voucher', counter.perMessage('voucher'), 'packets', 1),
    atMost('packets a receipt', counter.perMessage('receipt'), 'packets', 1),
    atMost(`box: process start to ready, slowest of ${STARTS}`, Math.max(...starts), 'ms', 1_000),
    atMost('box: resident memory after the taps', residentAfterMb, 'MB', 70),
    atMost('box: processor time a tap, all in', processorPerTapMs, 'ms', 5),
    atMost('SDK core with Web adapter, minified and gzipped', sdkBytes() / 1_000, 'kB', 30),
  ];
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      taps: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const taps = Number(values.taps);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(taps) || taps < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write(`bench:tap: --taps and --seed are whole numbers\n\n${HELP}`);
    return 2;
  }
  const workbench = await Workbench.start({
    air: {
      seed,
      advertisingIntervalMs: ADVERTISING_MS,
      connectionIntervalMs: CONNECTION_INTERVAL_MS,
      attMtuMax: MTU,
    },
    networkRoundTripMs: NETWORK_ROUND_TRIP_MS,
  });
  try {
    const figures = await measure(workbench, taps, values.json);
    printReport({ seed, machine: describeMachine(), figures }, values.json);
    return 0;
  } finally {
    await workbench.close();
  }
}

process.exit(await main(process.argv.slice(2)));
