/** `tapseal init`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseCurrency, parseTimeZone, parseTitle } from '../option-values.js';
import { DEFAULT_PORT } from '../server-address.js';
import { databaseOption, warnOfPassword } from '../store-options.js';
import { subcommand } from '../subcommand.js';

export function addInit(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'init', {
    summary: 'make a new server: keys, database, first programme, owner token',
    more:
      'The token goes into your profile and is not shown. --programme names the first programme (main where left out), ' +
      `--server the address under which clients reach the server (https://localhost:${DEFAULT_PORT}). ` +
      'Overwrites nothing. ' +
      'With --database an empty PostgreSQL database gets tables and programme, and the directory the keys alone.',
    examples: [
      'tapseal init',
      'tapseal init --programme north-mall --title "North Mall" --time-zone Europe/Berlin --server https://tap.example.com',
      'tapseal init --database postgres://tapseal@db.internal/tapseal',
    ],
  })
    .option('--data <folder>', 'data directory to make')
    .addOption(databaseOption())
    .option('--title <text>', 'title of the programme; its name where left out', parseTitle)
    .option(
      '--time-zone <zone>',
      'time zone of the programme; that of this machine where left out',
      parseTimeZone,
    )
    .option('--currency <code>', 'currency of its amounts', parseCurrency, 'EUR');
  command.action(async () => {
    warnOfPassword(context, command);
    const { init } = await import('../actions/init.js');
    await init(context, command.optsWithGlobals());
  });
}
