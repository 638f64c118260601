/** `tapseal migrate`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addStoreOptions, warnOfPassword } from '../store-options.js';
import { subcommand } from '../subcommand.js';

export function addMigrate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'migrate', {
    summary: 'bring the tables of a database to the newest step',
    more:
      'It goes forwards only: make a backup first. An empty PostgreSQL database gets its tables. The database in a data ' +
      'directory needs no command, `tapseal serve` does the same for it.',
    examples: [
      'tapseal migrate --database postgres://tapseal@db.internal/tapseal',
      'tapseal migrate --check',
    ],
  }).option('--check', 'change nothing; exit code 1 where there is something to do');
  addStoreOptions(command);
  command.action(async () => {
    warnOfPassword(context, command);
    const { migrate } = await import('../actions/migrate.js');
    await migrate(context, command.optsWithGlobals());
  });
}
