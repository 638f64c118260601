import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ActuationOrder } from '../core/step.js';
import { Actuators } from './actuators.js';
import { Gpioset } from './gpioset.js';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-actuator-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function script(name: string, body: string): string {
  const path = join(directory, name);
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o700);
  return path;
}

const order: ActuationOrder = { transactionId: 'ab'.repeat(16), action: 'dispense', amountMinor: 250 };

function command(path: string, options: { args?: string[]; timeoutMs?: number } = {}) {
  const faults: string[] = [];
  const settings = {
    actuator: 'command' as const,
    path,
    args: options.args ?? [],
    timeoutMs: options.timeoutMs ?? 5_000,
  };
  const actuators = new Actuators({ dispense: settings }, new Gpioset(), (fault) => faults.push(fault));
  return { actuators, faults };
}

describe('a command', () => {
  test('gets the tap by its environment, its arguments untouched by a shell, and nothing else of ours', async () => {
    process.env.TAPSEAL_TEST_SECRET = 'secret';
    const out = join(directory, 'out');
    const path = script('dispense', `printf '%s\\n' "$1" > ${out}; env | sort >> ${out}`);
    const { actuators, faults } = command(path, { args: ['$(touch pwned); "4"'] });
    expect(await actuators.actuate(order)).toBe(true);
    const [argument, ...environment] = readFileSync(out, 'utf8').trim().split('\n');
    expect(argument).toBe('$(touch pwned); "4"');
    expect(environment).toContain(`TAPSEAL_TRANSACTION_ID=${'ab'.repeat(16)}`);
    expect(environment).toContain('TAPSEAL_ACTION=dispense');
    expect(environment).toContain('TAPSEAL_AMOUNT_MINOR=250');
    expect(environment.join()).not.toContain('secret');
    expect(faults).toEqual([]);
  });

  test('with another exit status has failed', async () => {
    const { actuators, faults } = command(script('jam', 'exit 3'));
    expect(await actuators.actuate(order)).toBe(false);
    expect(faults).toEqual([`dispense: ${join(directory, 'jam')}: exit status 3`]);
  });

  test('that hangs is ended', async () => {
    const { actuators, faults } = command(script('hang', 'exec sleep 600'), { timeoutMs: 50 });
    expect(await actuators.actuate(order)).toBe(false);
    expect(faults[0]).toMatch(/ended by SIGKILL within 50 ms/);
  });

  test('that cannot even be started is a fault like any other', async () => {
    const { actuators, faults } = command('/bin/true', { args: ['\0'] });
    expect(await actuators.actuate(order)).toBe(false);
    expect(faults[0]).toMatch(/null byte/);
  });

  test('that is not there fails, and is found by the check', async () => {
    const { actuators } = command(join(directory, 'none'));
    expect(await actuators.actuate(order)).toBe(false);
    expect(await actuators.byAction.get('dispense')?.check()).toMatch(/missing or not executable/);
  });
});

test('orders are served one after the other', async () => {
  const mark = join(directory, 'busy');
  const path = script('slow', `[ -e ${mark} ] && exit 1; touch ${mark}; sleep 0.1; rm ${mark}`);
  const { actuators } = command(path);
  const done = await Promise.all([
    actuators.actuate(order),
    actuators.actuate(order),
    actuators.actuate(order),
  ]);
  expect(done).toEqual([true, true, true]);
  expect(existsSync(mark)).toBe(false);
});

test('an action that is not configured does nothing', async () => {
  const { actuators } = command('/bin/true');
  expect(await actuators.actuate({ ...order, action: 'open' })).toBe(false);
});

describe('a line', () => {
  test('is driven by gpioset, and left at rest', async () => {
    const log = join(directory, 'gpioset.log');
    const path = script(
      'gpioset',
      `[ "$1" = --version ] && echo 'gpioset (libgpiod) v2.2.1' && exit 0\necho "$@" >> ${log}`,
    );
    const actuators = new Actuators(
      {
        open: { actuator: 'gpio', chip: 'gpiochip0', line: 23, activeLow: false, pulseMs: 5 },
        credit: {
          actuator: 'pulses',
          chip: 'gpiochip0',
          line: 24,
          activeLow: true,
          widthMs: 5,
          gapMs: 6,
          minorPerPulse: 100,
          pulsesMax: 3,
        },
      },
      new Gpioset(path),
      () => {},
    );
    expect(await actuators.actuate({ ...order, action: 'open' })).toBe(true);
    expect(await actuators.actuate({ ...order, action: 'credit', amountMinor: 200 })).toBe(true);
    expect(await actuators.actuate({ ...order, action: 'credit', amountMinor: 150 })).toBe(false);
    await actuators.rest();
    const c = '--chip gpiochip0 --consumer tapseal';
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual([
      `${c} --toggle 5ms,0 23=1`,
      `${c} --active-low --toggle 5ms,6ms,5ms,0 24=1`,
      `${c} --toggle 0 23=0`,
      `${c} --active-low --toggle 0 24=0`,
    ]);
  });
});
