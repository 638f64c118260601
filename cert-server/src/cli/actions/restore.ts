/** `tapseal restore` */
import { backupContents } from '../backup-contents.js';
import { restoreBackup } from '../backup-file.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type Options = GlobalOptions & { readonly data?: string };

export async function restore(context: CommandContext, options: Options, file: string): Promise<void> {
  const directory = options.data ?? dataDirectoryOf(context.env);
  const summary = restoreBackup(file, directory);
  printAnswer(context, options, { ...summary, data: directory }, () =>
    [
      `Restored ${directory} as it was at ${summary.madeAt}: ${backupContents(summary)}.`,
      summary.database === undefined
        ? `Start it with: tapseal serve --data ${directory} --database URL`
        : `Start it with: tapseal serve --data ${directory}`,
    ].join('\n'),
  );
}
