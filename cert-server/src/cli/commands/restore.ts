/** `tapseal restore`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addRestore(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'restore', {
    summary: 'restore a backup into an empty data directory',
    more:
      'What was decided after the backup is not in it: limits go on from its counts. Read "Restore" in ' +
      'docs/operations.md before the server runs again.',
    examples: ['tapseal restore /var/backups/tapseal-2026-05-31.backup --data /var/lib/tapseal-server'],
  })
    .argument('<file>', 'a file of `tapseal backup`')
    .option('--data <folder>', 'data directory; must be empty or not exist');
  command.action(async (file: string) => {
    const { restore } = await import('../actions/restore.js');
    await restore(context, command.optsWithGlobals(), file);
  });
}
