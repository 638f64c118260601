/** `tapseal backup`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addBackup(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'backup', {
    summary: 'back up database and keys into one file, also while serving',
    more:
      'Runs on the machine of the server. The file holds every private key: keep it as you would keep these. A ' +
      'PostgreSQL database is backed up by its own tools, and the keys beside it with --keys-only.',
    examples: [
      'tapseal backup --out /var/backups/tapseal-2026-05-31.backup',
      'tapseal backup --keys-only --out /var/backups/keys.backup',
    ],
  })
    .requiredOption('--out <file>', 'the file to make; it must not exist')
    .option('--keys-only', 'leave the database out')
    .option('--data <folder>', 'data directory of the server');
  command.action(async () => {
    const { backup } = await import('../actions/backup.js');
    await backup(context, command.optsWithGlobals());
  });
}
