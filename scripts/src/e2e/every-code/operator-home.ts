/** A home without anything in it, for the real `tapseal` as a process. */
import { join } from 'node:path';
import { runToError, withFolder } from './program-sighting.js';
import type { Scenario, Sighting } from './scenario.js';

export type Bench = {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  run(...args: readonly string[]): Promise<Sighting>;
};

/** A home without anything in it. */
export const atHome =
  (play: (bench: Bench) => Promise<Sighting>): Scenario =>
  () =>
    withFolder((folder) => {
      const environment = {
        HOME: folder,
        XDG_CONFIG_HOME: join(folder, 'config'),
        XDG_DATA_HOME: join(folder, 'data'),
        XDG_CACHE_HOME: join(folder, 'cache'),
      };
      const run = (...args: readonly string[]) =>
        runToError('tapseal', [...args, '--json'], folder, environment);
      return play({ folder, environment, run });
    });

export const init = ['init', '--programme', 'main', '--time-zone', 'Europe/Berlin'] as const;
