/** `--data` and `--database`, as every command has them that opens the store of a server by itself. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { hasPassword } from '../store/database-address.js';
import { DATABASE_FILE, type StoreLocation, storeLocation } from '../store/store-location.js';
import type { CommandContext } from './command-context.js';
import { problemError } from './problem-error.js';
import { dataDirectoryOf } from './xdg-paths.js';

export type StoreOptions = { readonly data?: string; readonly database?: string };

export function addStoreOptions(command: Command, data = 'data directory of the server'): Command {
  return command
    .addOption(new Option('--data <folder>', data).env('TAPSEAL_DATA'))
    .addOption(databaseOption());
}

export function databaseOption(): Option {
  // Not parsed here: commander would repeat what it cannot read, with the password.
  return new Option('--database <url>', 'PostgreSQL database, instead of the one in the data directory').env(
    'TAPSEAL_DATABASE',
  );
}

/** A password in an argument is in the list of processes, for every user of the machine. */
export function warnOfPassword(context: CommandContext, command: Command): void {
  const { database } = command.optsWithGlobals<StoreOptions>();
  if (database === undefined || command.getOptionValueSource('database') !== 'cli') return;
  if (!hasPassword(database)) return;
  context.stderr.write(
    'warning: every user of this machine can see the password in --database. Put the address into TAPSEAL_DATABASE, ' +
      'or leave the password out and give it by PGPASSFILE or PGPASSWORD.\n',
  );
}

export function directoryOf(context: CommandContext, options: StoreOptions): string {
  return options.data ?? dataDirectoryOf(context.env);
}

/** A store that is there. @throws ProblemError not_initialised */
export function existingStore(context: CommandContext, options: StoreOptions): StoreLocation {
  const directory = directoryOf(context, options);
  const location = storeLocation(directory, options.database);
  if (location.kind === 'sqlite' && !existsSync(location.file)) {
    throw problemError(
      'not_initialised',
      `${join(directory, DATABASE_FILE)} does not exist.`,
      'Run `tapseal init` first, or name the PostgreSQL database with --database.',
    );
  }
  return location;
}
