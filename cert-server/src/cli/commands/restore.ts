/** `tapseal restore` */
import type { Command } from 'commander';
import { backupContents } from '../backup-contents.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { subcommand } from '../subcommand.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & { readonly data?: string };

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
    const options = command.optsWithGlobals<Options>();
    const directory = options.data ?? dataDirectoryOf(context.env);
    const { restoreBackup } = await import('../backup-file.js');
    const summary = restoreBackup(file, directory);
    printAnswer(context, options, { ...summary, data: directory }, () =>
      [
        `Restored ${directory} as it was at ${summary.madeAt}: ${backupContents(summary)}.`,
        `Start it with: tapseal serve --data ${directory}`,
      ].join('\n'),
    );
  });
}
