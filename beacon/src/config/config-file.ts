/** Where the configuration and the state of a box are looked for. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type BeaconConfig, parseBeaconConfig } from './beacon-config.js';

type Environment = Readonly<Record<string, string | undefined>>;

const CONFIG_BYTES_MAX = 64 * 1024;

/** In this order: TAPSEAL_BEACON_CONFIG, the user's (XDG), the machine's. */
export function configCandidates(environment: Environment): string[] {
  const given = environment.TAPSEAL_BEACON_CONFIG;
  if (given !== undefined && given !== '') return [resolve(given)];
  return [
    join(xdg(environment.XDG_CONFIG_HOME, '.config'), 'tapseal', 'beacon.toml'),
    '/etc/tapseal/beacon.toml',
  ];
}

function xdg(value: string | undefined, fallback: string): string {
  return value !== undefined && isAbsolute(value) ? value : join(homedir(), fallback);
}

export type FoundConfig = { readonly file: string; readonly config: BeaconConfig };

/**
 * @param given from the command line
 * @returns undefined where there is no file at all
 * @throws ConfigError; TapsealError config_invalid for a given file that cannot be read
 */
export function findConfig(given: string | undefined, environment: Environment): FoundConfig | undefined {
  const candidates = given === undefined ? configCandidates(environment) : [resolve(given)];
  for (const file of candidates) {
    const text = readIfThere(file);
    if (text !== undefined) return { file, config: parseBeaconConfig(text, file) };
  }
  if (given === undefined && environment.TAPSEAL_BEACON_CONFIG === undefined) return undefined;
  throw new TapsealError('config_invalid', `${candidates.join(', ')}: no such file`);
}

/** @throws as findConfig; TapsealError config_invalid if there is none */
export function requireConfig(given: string | undefined, environment: Environment): FoundConfig {
  const found = findConfig(given, environment);
  if (found !== undefined) return found;
  const places = configCandidates(environment).join(', ');
  throw new TapsealError('config_invalid', `no configuration file; looked at ${places}`);
}

function readIfThere(file: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new TapsealError('config_invalid', `${file}: ${code ?? 'cannot be read'}`, { cause: error });
  }
  if (text.length > CONFIG_BYTES_MAX) throw new TapsealError('config_invalid', `${file}: longer than 64 KiB`);
  return text;
}

/** The configured state directory, else systemd's, else the machine's for root, else the user's (XDG). */
export function stateDirectory(configured: string | undefined, environment: Environment): string {
  if (configured !== undefined) return resolve(configured);
  // systemd gives a list where a unit has several; ours has one.
  const [fromSystemd] = environment.STATE_DIRECTORY?.split(':') ?? [];
  if (fromSystemd !== undefined && fromSystemd !== '') return fromSystemd;
  if (process.getuid?.() === 0) return '/var/lib/tapseal-beacon';
  return join(xdg(environment.XDG_STATE_HOME, '.local/state'), 'tapseal-beacon');
}
