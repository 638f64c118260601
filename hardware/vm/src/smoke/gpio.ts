/**
 * Drives a line of the simulated chip with the tools of Debian's gpiod, inside the guest: a pulse, active high and active low, and a
 * reading back. Prints what the wire did; exit status 0 only if it was what the commands asked for.
 */

import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { type OutputChange, SimulatedGpioChip } from '../simulated-gpio-chip.js';

const run = promisify(execFile);
const line = 2;
const pulseMs = 300;

let changes: OutputChange[] = [];
const chip = await SimulatedGpioChip.plugIn((change) => {
  if (change.line === line) changes.push(change);
});
const { stdout: versionText } = await run('gpioset', ['--version']);
const major = Number(/v(\d+)\./.exec(versionText)?.[1]);
const name = chip.path.replace('/dev/', '');

/** Sets the line and leaves it so; libgpiod 1 and 2 have different options for the same thing. */
async function drive(value: 0 | 1, activeLow: boolean): Promise<void> {
  const low = activeLow ? ['--active-low'] : [];
  const options = major >= 2 ? ['--toggle', '0', '--chip', name] : ['--mode=exit', name];
  await run('gpioset', [...low, ...options, `${line}=${value}`]);
}

/** Active for the pulse's length, then idle. Version 1 cannot do both in one call. */
async function pulse(activeLow: boolean): Promise<void> {
  const low = activeLow ? ['--active-low'] : [];
  if (major >= 2) {
    await run('gpioset', [...low, '--chip', name, '--toggle', `${pulseMs}ms,0`, `${line}=1`]);
    return;
  }
  await run('gpioset', [...low, '--mode=time', `--usec=${pulseMs * 1000}`, name, `${line}=1`]);
  await drive(0, activeLow);
}

async function read(activeLow: boolean): Promise<string> {
  const low = activeLow ? ['--active-low'] : [];
  const { stdout } = await run(
    'gpioget',
    major >= 2 ? [...low, '--numeric', '--chip', name, `${line}`] : [...low, name, `${line}`],
  );
  return stdout.trim();
}

try {
  console.log(`gpio: ${chip.path}, ${versionText.split('\n')[0]}`);
  for (const activeLow of [false, true]) {
    const active = activeLow ? 0 : 1;
    await drive(0, activeLow);
    assert.equal(chip.driven(line), 1 - active);
    changes = [];
    await pulse(activeLow);
    console.log(
      `gpio: active ${activeLow ? 'low' : 'high'}: ${changes.map(({ value }) => value).join(' then ')}`,
    );
    assert.deepEqual(
      changes.map(({ driven, value }) => ({ driven, value })),
      [active, 1 - active].map((value) => ({ driven: true, value })),
    );
    const [rise, fall] = changes;
    assert.ok(rise !== undefined && fall !== undefined);
    // The pulse may be longer, never shorter: the machine is emulated.
    assert.ok(fall.atMs - rise.atMs >= pulseMs - 1, `the pulse took ${fall.atMs - rise.atMs} ms`);
    console.log(`gpio: the pulse took ${Math.round(fall.atMs - rise.atMs)} ms`);
  }
  await read(false); // Reading makes the line an input.
  assert.equal(chip.driven(line), undefined);
  chip.setInput(line, 1);
  assert.equal(await read(false), '1');
  assert.equal(await read(true), '0');
  chip.setInput(line, 0);
  assert.equal(await read(false), '0');
  console.log('gpio: ok');
} finally {
  await chip.unplug();
}
