/** `tapseal export`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { addStoreOptions, warnOfPassword } from '../store-options.js';
import { subcommand } from '../subcommand.js';

export function addExport(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'export', {
    summary: 'write everything of a programme into one file, also while serving',
    more:
      'To move it between the database of a data directory and PostgreSQL, with `tapseal import`. What is decided after ' +
      'the export began is not in it: stop the server first when the programme is to move. The file holds no keys and no ' +
      'owner token, so that it is no backup; it goes on with the keys of the same data directory only. Treat it as you ' +
      'treat the database.',
    examples: ['tapseal export --programme north-mall --out north-mall.export'],
  }).requiredOption('--out <file>', 'the file to make; it must not exist');
  addStoreOptions(command);
  command.action(async () => {
    warnOfPassword(context, command);
    const { exportToFile } = await import('../actions/export.js');
    await exportToFile(context, command.optsWithGlobals());
  });
}
