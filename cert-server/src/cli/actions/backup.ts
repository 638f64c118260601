/** `tapseal backup` */
import { backupContents } from '../backup-contents.js';
import { makeBackup } from '../backup-file.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { assertWritable } from '../write-file-whole.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & {
  readonly data?: string;
  readonly out: string;
  readonly keysOnly?: true;
};

export async function backup(context: CommandContext, options: Options): Promise<void> {
  assertWritable(options.out);
  const directory = options.data ?? dataDirectoryOf(context.env);
  const madeAt = new Date(context.now()).toISOString();
  const summary = makeBackup(directory, options.out, madeAt, { keysOnly: options.keysOnly });
  printAnswer(context, options, { ...summary, out: options.out }, () =>
    [
      `Wrote ${options.out}: ${backupContents(summary)}.`,
      'It holds every private key of the server; only you may read it.',
    ].join('\n'),
  );
}
