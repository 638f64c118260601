/** `tapseal import`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addStoreOptions, warnOfPassword } from '../store-options.js';
import { subcommand } from '../subcommand.js';

export function addImport(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'import', {
    summary: 'take over a programme that `tapseal export` wrote into a file',
    more:
      'All of it or nothing, and only where no programme has its name. The keys are not in the file: --data names a ' +
      'directory with those that the programme had so far. The tables of a PostgreSQL database are made by ' +
      '`tapseal migrate` before. No server may have the database of a data directory open.',
    examples: [
      'tapseal import --in north-mall.export --database postgres://tapseal@db.internal/tapseal',
      'tapseal import --in north-mall.export --data /var/lib/tapseal-server/data',
    ],
  }).requiredOption('--in <file>', 'a file of `tapseal export`');
  addStoreOptions(command, 'data directory: the keys, and the database unless another is named');
  command.action(async () => {
    warnOfPassword(context, command);
    const { importFromFile } = await import('../actions/import.js');
    await importFromFile(context, command.optsWithGlobals());
  });
}
