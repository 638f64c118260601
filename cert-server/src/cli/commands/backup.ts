/** `tapseal backup` */
import type { Command } from 'commander';
import { backupContents } from '../backup-contents.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { subcommand } from '../subcommand.js';
import { assertWritable } from '../write-file-whole.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & { readonly data?: string; readonly out: string };

export function addBackup(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'backup', {
    summary: 'back up database and keys into one file, also while serving',
    more: 'Runs on the machine of the server. The file holds every private key: keep it as you would keep these.',
    examples: ['tapseal backup --out /var/backups/tapseal-2026-05-31.backup'],
  })
    .requiredOption('--out <file>', 'the file to make; it must not exist')
    .option('--data <folder>', 'data directory of the server');
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    assertWritable(options.out);
    const directory = options.data ?? dataDirectoryOf(context.env);
    const { makeBackup } = await import('../backup-file.js');
    const summary = makeBackup(directory, options.out, new Date(context.now()).toISOString());
    printAnswer(context, options, { ...summary, out: options.out }, () =>
      [
        `Wrote ${options.out}: ${backupContents(summary)}.`,
        'It holds every private key of the server; only you may read it.',
      ].join('\n'),
    );
  });
}
