/** Where things live without being told (XDG Base Directory Specification). */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

// The specification has relative values ignored.
function baseOf(value: string | undefined, env: Env, fallback: readonly string[]): string {
  if (value !== undefined && isAbsolute(value)) return value;
  return join(env.HOME ?? homedir(), ...fallback);
}

/** The client's profiles, with the token of each. */
export function defaultConfigFile(env: Env): string {
  return join(baseOf(env.XDG_CONFIG_HOME, env, ['.config']), 'tapseal', 'config.json');
}

/** Database and keys of the server. */
function defaultDataDirectory(env: Env): string {
  return join(baseOf(env.XDG_DATA_HOME, env, ['.local', 'share']), 'tapseal');
}

/** What can be fetched again: the JWK sets of servers. */
export function defaultCacheDirectory(env: Env): string {
  return join(baseOf(env.XDG_CACHE_HOME, env, ['.cache']), 'tapseal');
}

/** TAPSEAL_DATA, then what systemd made for a service with StateDirectory=, then the user's own folder. */
export function dataDirectoryOf(env: Env): string {
  return env.TAPSEAL_DATA ?? env.STATE_DIRECTORY ?? defaultDataDirectory(env);
}
