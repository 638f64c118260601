import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseBeaconConfig } from './beacon-config.js';
import { ConfigError, faultLine } from './config-faults.js';

function faultsOf(text: string): string[] {
  try {
    parseBeaconConfig(text, 'beacon.toml');
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map((fault) => faultLine('beacon.toml', fault));
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  test('the example is valid and shows every key', () => {
    const example = readFileSync(new URL('../../beacon.example.toml', import.meta.url), 'utf8');
    const config = parseBeaconConfig(example, 'beacon.example.toml');
    expect(config.actions.open).toEqual({
      actuator: 'gpio',
      chip: 'gpiochip0',
      line: 23,
      activeLow: false,
      pulseMs: 500,
    });
    // What is commented out in it is as valid as the rest.
    const all = parseBeaconConfig(example.replace(/^# ?(?=\[|[a-z_]+ =)/gm, ''), 'beacon.example.toml');
    expect(Object.keys(all.actions).sort()).toEqual(['credit', 'dispense', 'open', 'stamp']);
    expect(all.status).toMatchObject({ led: { line: 25 }, hook: { timeoutMs: 2_000 } });
    expect(all).toMatchObject({ holdMs: 15_000, adapter: { index: 0, advertisingIntervalMs: 100 } });
  });

  test('defaults', () => {
    expect(parseBeaconConfig('[actions.stamp]\nactuator = "log"\n', 'f')).toEqual({
      stateDirectory: undefined,
      logLevel: undefined,
      adapter: { index: 0, advertisingIntervalMs: 100, allowBluetoothd: false },
      holdMs: 15_000,
      actions: { stamp: { actuator: 'log' } },
      status: {},
    });
  });

  test('all faults at once, each with line and key', () => {
    const text = `state_directory = "relative"
log_levl = "info"

[link]
hold_ms = -1

[actions.open]
actuator = "gpoi"

[actions.credit]
actuator = "pulses"
line = "24"
width_ms = 50

[actions.dispense]
actuator = "command"
path = "dispense.sh"
args = [1]

[actions.fly]
actuator = "log"
`;
    expect(faultsOf(text)).toEqual([
      'beacon.toml:1: state_directory: must be an absolute path',
      'beacon.toml:2: log_levl: is unknown; did you mean "log_level"?',
      'beacon.toml:5: link.hold_ms: must be a whole number from 0 to 60000',
      'beacon.toml:8: actions.open.actuator: must be one of "gpio", "pulses", "command", "log"; did you mean "gpio"?',
      'beacon.toml:10: actions.credit.minor_per_pulse: is missing',
      'beacon.toml:12: actions.credit.line: must be a whole number from 0 to 511',
      'beacon.toml:17: actions.dispense.path: must be an absolute path',
      'beacon.toml:18: actions.dispense.args: must be a list of at most 32 texts',
      'beacon.toml:20: actions.fly: is unknown',
    ]);
  });

  test('what is not TOML, with its line', () => {
    const [fault, ...more] = faultsOf('log_level = "info"\n[link\n');
    expect(fault).toMatch(/^beacon\.toml:2: /);
    expect(more).toEqual([]);
  });

  test('a box without actions grants nothing', () => {
    expect(faultsOf('')).toEqual([
      'beacon.toml: actions: is missing: a box without an action grants nothing, for example [actions.open]',
    ]);
  });

  test('a table where a value belongs', () => {
    expect(faultsOf('actions = 1\n')).toEqual(['beacon.toml:1: actions: must be a table']);
  });
});
