/** The configuration of a box: what beacon.toml may say, with defaults and ranges. beacon.example.toml shows all of it. */
import { isAbsolute } from 'node:path';
import { type Action, actions } from '@tapseal/shared/action';
import { LINK_HOLD_MS_DEFAULT } from '@tapseal/shared/bounds';
import { parse, TomlError } from 'smol-toml';
import type {
  ActionSettings,
  ActuatorSettings,
  GpioLine,
  ProgramSettings,
} from '../actuator/actuator-settings.js';
import type { AdapterSettings } from '../radio/bleno-radio.js';
import type { StatusSettings } from '../status-hook/status-hook.js';
import { ConfigError, type ConfigFault } from './config-faults.js';
import { keyLines } from './key-lines.js';
import { TableReader } from './table-reader.js';

export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export type BeaconConfig = {
  /** Absolute; undefined for the default of the user. */
  readonly stateDirectory: string | undefined;
  /** Undefined where the file does not say: info for people, debug for programs. */
  readonly logLevel: LogLevel | undefined;
  readonly adapter: AdapterSettings;
  readonly holdMs: number;
  readonly actions: ActionSettings;
  readonly status: StatusSettings;
};

/** A phone that reads for longer connects again; a link held for longer keeps all others out. */
const HOLD_MS_MAX = 60_000;
/** The receipt waits for the end of the pulse. */
const PULSE_MS_MAX = 10_000;
const PULSES_MAX = 100;
const COMMAND_MS_MAX = 30_000;

/** @throws ConfigError with every fault of the text */
export function parseBeaconConfig(text: string, file: string): BeaconConfig {
  const lines = keyLines(text);
  const faults: ConfigFault[] = [];
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw new ConfigError(file, [{ line: error.line, key: '', message: message ?? 'is not TOML' }]);
  }
  const root = new TableReader('', table, (key, message) => {
    faults.push({ line: lineOf(lines, key), key, message });
  });
  const config = readRoot(root);
  if (faults.length > 0) {
    throw new ConfigError(
      file,
      faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    );
  }
  return config;
}

/** Of the key itself, or of the table that lacks it. */
function lineOf(lines: ReadonlyMap<string, number>, key: string): number | undefined {
  const own = lines.get(key);
  if (own !== undefined) return own;
  const dot = key.lastIndexOf('.');
  return dot < 0 ? undefined : lineOf(lines, key.slice(0, dot));
}

function readRoot(root: TableReader): BeaconConfig {
  const stateDirectory = root.text('state_directory', absolute, '') || undefined;
  const level = root.oneOf('log_level', logLevels, 'info');
  const logLevel = root.has('log_level') ? level : undefined;
  const adapter = readAdapter(root.table('adapter'));
  const holdMs = readLink(root.table('link'));
  const actionSettings = readActions(root);
  const status = readStatus(root.table('status'));
  root.finish();
  return { stateDirectory, logLevel, adapter, holdMs, actions: actionSettings, status };
}

function absolute(value: string): string | undefined {
  return value === '' || isAbsolute(value) ? undefined : 'must be an absolute path';
}

function readAdapter(table: TableReader | undefined): AdapterSettings {
  if (table === undefined) return { index: 0, advertisingIntervalMs: 100, allowBluetoothd: false };
  const settings = {
    index: table.integer('index', { min: 0, max: 15, fallback: 0 }),
    advertisingIntervalMs: table.integer('advertising_interval_ms', { min: 20, max: 10_240, fallback: 100 }),
    allowBluetoothd: table.boolean('allow_bluetoothd', false),
  };
  table.finish();
  return settings;
}

function readLink(table: TableReader | undefined): number {
  if (table === undefined) return LINK_HOLD_MS_DEFAULT;
  const holdMs = table.integer('hold_ms', { min: 0, max: HOLD_MS_MAX, fallback: LINK_HOLD_MS_DEFAULT });
  table.finish();
  return holdMs;
}

function readActions(root: TableReader): ActionSettings {
  const table = root.table('actions');
  const settings: Partial<Record<Action, ActuatorSettings>> = {};
  if (table === undefined) {
    if (!root.has('actions'))
      root.fault('actions', 'is missing: a box without an action grants nothing, for example [actions.open]');
    return settings;
  }
  for (const action of actions) {
    const actuator = readActuator(table.table(action));
    if (actuator !== undefined) settings[action] = actuator;
  }
  table.finish();
  return settings;
}

function readActuator(table: TableReader | undefined): ActuatorSettings | undefined {
  if (table === undefined) return undefined;
  const actuator = table.oneOf('actuator', ['gpio', 'pulses', 'command', 'log']);
  const settings = readActuatorOf(actuator, table);
  // Which keys there may be depends on the kind: without one they would all seem unknown.
  if (actuator !== undefined) table.finish();
  return settings;
}

function readActuatorOf(
  actuator: ActuatorSettings['actuator'] | undefined,
  table: TableReader,
): ActuatorSettings | undefined {
  switch (actuator) {
    case undefined:
      return undefined;
    case 'gpio':
      return {
        actuator,
        ...readLine(table),
        pulseMs: table.integer('pulse_ms', { min: 1, max: PULSE_MS_MAX, fallback: 500 }),
      };
    case 'pulses':
      return {
        actuator,
        ...readLine(table),
        widthMs: table.integer('width_ms', { min: 1, max: 1_000, fallback: 50 }),
        gapMs: table.integer('gap_ms', { min: 1, max: 1_000, fallback: 50 }),
        minorPerPulse: table.integer('minor_per_pulse', { min: 1, max: 1_000_000 }),
        pulsesMax: table.integer('pulses_max', { min: 1, max: PULSES_MAX, fallback: 20 }),
      };
    case 'command':
      return { actuator, ...readProgram(table) };
    case 'log':
      return { actuator };
  }
}

function readLine(table: TableReader): GpioLine {
  return {
    chip: table.text('chip', chipName, 'gpiochip0'),
    line: table.integer('line', { min: 0, max: 511 }),
    activeLow: table.boolean('active_low', false),
  };
}

function chipName(value: string): string | undefined {
  return /^gpiochip\d{1,3}$/.test(value) ? undefined : 'must be the name of a chip, for example "gpiochip0"';
}

function readProgram(table: TableReader): ProgramSettings {
  return {
    path: table.text('path', (value) => (isAbsolute(value) ? undefined : 'must be an absolute path')),
    args: table.texts('args', 32),
    timeoutMs: table.integer('timeout_ms', { min: 10, max: COMMAND_MS_MAX, fallback: 5_000 }),
  };
}

function readStatus(table: TableReader | undefined): StatusSettings {
  if (table === undefined) return {};
  const led = table.table('led');
  const hook = table.table('hook');
  const settings = {
    ...(led !== undefined && { led: readLine(led) }),
    ...(hook !== undefined && { hook: readProgram(hook) }),
  };
  led?.finish();
  hook?.finish();
  table.finish();
  return settings;
}
