import { describe, expect, test } from 'vitest';
import type { GpioLine } from './actuator-settings.js';
import { allowsAction, pulsesOf } from './actuator-settings.js';
import { Gpioset, parseGpiosetVersion, pulseArguments, restArguments } from './gpioset.js';
import type { ProgramRun } from './run-program.js';

const line: GpioLine = { chip: 'gpiochip0', line: 23, activeLow: false };
const low: GpioLine = { ...line, activeLow: true };
const one = { pulses: 1, widthMs: 500, gapMs: 0 };
const three = { pulses: 3, widthMs: 50, gapMs: 70 };

describe('the command lines of gpioset', () => {
  test.each([
    ['gpioset (libgpiod) v1.6.3\nCopyright …', 1],
    ['gpioset (libgpiod) v2.2.1\nCopyright …', 2],
    ['gpioset (libgpiod) 2.1', 2],
    ['gpioset (libgpiod) v3.0', undefined],
    ['', undefined],
  ])('the version of %j', (output, version) => {
    expect(parseGpiosetVersion(output)).toBe(version);
  });

  test('1.6: hold, then drive to rest', () => {
    expect(pulseArguments(1, line, one)).toEqual([
      ['--mode=time', '--usec=500000', 'gpiochip0', '23=1'],
      ['--mode=exit', 'gpiochip0', '23=0'],
    ]);
    expect(pulseArguments(1, low, three)).toEqual([
      ['--active-low', '--mode=time', '--usec=50000', 'gpiochip0', '23=1'],
      ['--active-low', '--mode=time', '--usec=70000', 'gpiochip0', '23=0'],
      ['--active-low', '--mode=time', '--usec=50000', 'gpiochip0', '23=1'],
      ['--active-low', '--mode=time', '--usec=70000', 'gpiochip0', '23=0'],
      ['--active-low', '--mode=time', '--usec=50000', 'gpiochip0', '23=1'],
      ['--active-low', '--mode=exit', 'gpiochip0', '23=0'],
    ]);
  });

  test('2.x: one process for the whole train, which ends inactive', () => {
    const options = ['--chip', 'gpiochip0', '--consumer', 'tapseal'];
    expect(pulseArguments(2, line, one)).toEqual([[...options, '--toggle', '500ms,0', '23=1']]);
    expect(pulseArguments(2, low, three)).toEqual([
      [...options, '--active-low', '--toggle', '50ms,70ms,50ms,70ms,50ms,0', '23=1'],
    ]);
    expect(restArguments(2, low)).toEqual([[...options, '--active-low', '--toggle', '0', '23=0']]);
  });
});

describe('driving a line', () => {
  function recorded(version: string, failAt = -1): { gpioset: Gpioset; runs: ProgramRun[] } {
    const runs: ProgramRun[] = [];
    const gpioset = new Gpioset('gpioset', (run) => {
      runs.push(run);
      const fails = runs.length === failAt;
      return Promise.resolve({
        status: fails ? 1 : 0,
        output: run.args[0] === '--version' ? version : 'gpioset: error setting the GPIO line values: Busy\n',
        fault: fails ? 'exit status 1' : undefined,
      });
    });
    return { gpioset, runs };
  }

  test('asks for the version once', async () => {
    const { gpioset, runs } = recorded('v1.6.3');
    await gpioset.pulse(line, one);
    await gpioset.pulse(line, one);
    expect(runs.filter((run) => run.args[0] === '--version')).toHaveLength(1);
    expect(runs).toHaveLength(5);
  });

  test('waits for as long as the train takes', async () => {
    const { gpioset, runs } = recorded('v2.2');
    await gpioset.pulse(line, three);
    expect(runs[1]?.timeoutMs).toBe(3 * 50 + 2 * 70 + 2_000);
  });

  test.each([
    ['v1.6.3', 1],
    ['v2.2', 2],
  ] as const)('%s: a fault ends the train, is told, and leaves the line at rest', async (name, version) => {
    const { gpioset, runs } = recorded(name, 2);
    expect(await gpioset.pulse(low, three)).toMatch(/Busy/);
    expect(runs.slice(2).map((run) => run.args)).toEqual(restArguments(version, low));
  });

  test('a version that did not come in time is asked for again', async () => {
    let asked = 0;
    const gpioset = new Gpioset('gpioset', (run) => {
      if (run.args[0] === '--version') asked += 1;
      return Promise.resolve({ status: 0, output: asked > 1 ? 'v2.2' : '', fault: undefined });
    });
    expect(await gpioset.pulse(line, one)).toMatch(/not installed/);
    // The first attempt to rest asks as well.
    expect(await gpioset.pulse(line, one)).toBeUndefined();
  });

  test('without gpioset nothing is driven', async () => {
    expect(await new Gpioset('/nowhere/gpioset').pulse(line, one)).toMatch(/not installed/);
  });
});

describe('amounts as pulses', () => {
  const settings = { minorPerPulse: 50, pulsesMax: 20 };
  test.each([
    [50, 1],
    [200, 4],
    [1_000, 20],
    [0, undefined],
    [75, undefined],
    [1_050, undefined],
  ])('%i', (amountMinor, pulses) => {
    expect(pulsesOf(settings, amountMinor)).toBe(pulses);
    const actions = {
      credit: { actuator: 'pulses' as const, ...line, widthMs: 50, gapMs: 50, ...settings },
      open: { actuator: 'log' as const },
    };
    expect(allowsAction(actions, 'credit', amountMinor)).toBe(pulses !== undefined);
    expect(allowsAction(actions, 'open', amountMinor)).toBe(true);
    expect(allowsAction(actions, 'start', amountMinor)).toBe(false);
  });
});
