/**
 * The whole product on the real Linux Bluetooth stack, told as JSON lines: what vm-tap.test.ts runs inside the virtual machine,
 * as root. The touchpoint is on hci0, with the adapter to itself as its systemd unit has it; the phone on hci1; the gate is a
 * GPIO line under the kernel's own driver. Nothing is asserted here: the test reads the lines.
 *
 * Arguments: the folder that the operator has prepared (vm-tap-desk), and the address of its server.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SimulatedGpioChip } from '@tapseal/vm/simulated-gpio-chip';
import { JsonLinesProcess } from '../fleet/json-lines-process.js';
import { type Program, programFile } from '../fleet/package-bin.js';
import { openDesk } from './vm-tap-desk.js';
import { startUpFaults } from './vm-tap-faults.js';
import { runInGuest, VM_PROGRAM_MS_MAX } from './vm-tap-run.js';

const gateLine = 2;
const pulseMs = 300;
const WARM_UP_TRIES = 6;

const desk = openDesk(process.argv[2] ?? '', process.argv[3] ?? '');
const processes: JsonLinesProcess[] = [];

function say(event: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, atMs: Math.round(performance.now()), ...fields })}\n`);
}

function start(
  program: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): JsonLinesProcess {
  const child = new JsonLinesProcess({
    label: program,
    args: [programFile(program), ...args, '--json'],
    env,
    onOutput: (text) => say('output', { program, text }),
  });
  processes.push(child);
  return child;
}

function writeBoxConfig(chip: SimulatedGpioChip): string {
  const box = join(desk.folder, 'box');
  const configFile = join(box, 'beacon.toml');
  mkdirSync(box);
  const lines = [
    `state_directory = ${JSON.stringify(join(box, 'state'))}`,
    '[actions.open]',
    'actuator = "gpio"',
    `chip = "${basename(chip.path)}"`,
    `line = ${gateLine}`,
    `pulse_ms = ${pulseMs}`,
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return configFile;
}

async function enrol(configFile: string): Promise<void> {
  const words = ['enroll', '--server', desk.server, '--code-file', desk.codeFile, '--config', configFile];
  const { exitCode, output } = await runInGuest('tapseal-beacon', words);
  if (exitCode !== 0) throw new Error(`enroll: exit ${exitCode}\n${output}`);
}

async function tap(): Promise<void> {
  say('tapping');
  const { exitCode, lines, output } = await runInGuest('tapseal-shopper', [
    ...['tap', '--server', desk.server, '--programme', desk.programme, '--ca', desk.caFile],
    ...['--state', join(desk.folder, 'phone'), '--touchpoint', desk.touchpoint, '--offer', desk.offer],
    ...['--timeout-ms', String(VM_PROGRAM_MS_MAX)],
  ]);
  say('output', { program: 'tapseal-shopper', text: output });
  const ends = lines.filter(({ type }) => type === 'delivered' || type === 'refused' || type === 'failed');
  say('tapped', { exitCode, ends });
}

async function tellFaults(): Promise<void> {
  for await (const fault of startUpFaults(desk.trialConfigFile)) say('fault', fault);
}

/**
 * The first certificate makes a server load a library, which takes as long here as a box waits for its enrolment. A phone asks
 * again.
 */
async function warmUp(): Promise<void> {
  for (let tries = 0; tries < WARM_UP_TRIES; tries++) {
    const { exitCode } = await runInGuest('tapseal-shopper', [
      ...['register', '--server', desk.server, '--programme', desk.programme, '--ca', desk.caFile],
      ...['--state', join(desk.folder, 'warm-up')],
    ]);
    if (exitCode === 0) return;
  }
}

async function tell(chip: SimulatedGpioChip): Promise<void> {
  const server = start('tapseal', ['serve', '--port', new URL(desk.server).port], desk.environment);
  const serving = server.seen((line) => typeof line.url === 'string', 'address', VM_PROGRAM_MS_MAX);
  // Neither needs the other, and the machine has two processors.
  await Promise.all([serving.then(warmUp), tellFaults()]);
  const configFile = writeBoxConfig(chip);
  await enrol(configFile);
  say('enrolled');

  const box = await startBox(configFile);
  await tap();
  await tap();
  const { lines } = await runInGuest('tapseal', ['grant', 'list', '--refusals'], desk.environment);
  say('listed', { decisions: lines[0] });
  say('stopped', { program: 'tapseal-beacon', exitCode: await box.stop() });
  say('stopped', { program: 'tapseal', exitCode: await server.stop() });

  const lostBox = await startBox(configFile);
  unplugAdapters();
  const exitCode = await lostBox.ended;
  say('lost', { exitCode, code: lostBox.lines.find(({ event }) => event === 'error')?.code });
}

async function startBox(configFile: string): Promise<JsonLinesProcess> {
  // As the unit does: the user channel is given only for an adapter that is down.
  execFileSync('hciconfig', ['hci0', 'down']);
  const box = start('tapseal-beacon', ['run', '--config', configFile], { HCI_CHANNEL_USER: '1' });
  await box.seen((line) => line.event === 'ready', 'ready', VM_PROGRAM_MS_MAX);
  say('ready');
  return box;
}

/** Ends the emulator of both adapters, which to the kernel is a dongle that is pulled out. */
function unplugAdapters(): void {
  const isEmulator = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'utf8') === 'btvirt\n';
    } catch {
      // No process, or one that ended meanwhile.
      return false;
    }
  };
  const [pid, ...others] = readdirSync('/proc').filter(isEmulator);
  if (pid === undefined || others.length > 0) throw new Error('there is not one emulator');
  process.kill(Number(pid), 'SIGKILL');
}

const chip = await SimulatedGpioChip.plugIn(({ line, driven, value }) => {
  if (line === gateLine) say('line', { driven, value });
});
try {
  await tell(chip);
} catch (error) {
  say('failed', { error: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
} finally {
  for (const child of processes) await child.stop();
  await chip.unplug();
}
