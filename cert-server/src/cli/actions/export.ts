/** `tapseal export`: everything of one programme, in one file that either kind of store takes. */
import { withStoreFaults } from '../../store/open-store.js';
import { type ExportSummary, exportProgramme } from '../../store/portable/export-programme.js';
import { openSource } from '../../store/portable/open-portable.js';
import type { StoreLocation } from '../../store/store-location.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { startProgress } from '../progress.js';
import { rowsInWords } from '../rows-in-words.js';
import { chosenProgramme } from '../session.js';
import { existingStore, type StoreOptions } from '../store-options.js';
import { WholeFileWriter } from '../whole-file-writer.js';
import { assertWritable } from '../write-file-whole.js';

type Options = GlobalOptions & StoreOptions & { readonly out: string };

/** It holds the keys behind adverts, and who redeemed what. */
const MODE = 0o600;

export async function exportToFile(context: CommandContext, options: Options): Promise<void> {
  const { out } = options;
  assertWritable(out);
  const programme = chosenProgramme(context, options);
  const location = existingStore(context, options);
  const startedMs = context.now();
  const { rows, sha256 } = await withStoreFaults(location, () =>
    write(context, location, { programme, out, exportedAt: new Date(startedMs).toISOString() }),
  );
  const seconds = Math.round((context.now() - startedMs) / 100) / 10;
  printAnswer(context, options, { programme, out, rows, sha256, seconds }, () =>
    [
      `Wrote ${out}: programme ${programme}, ${rowsInWords(rows)}, in ${seconds} s.`,
      'It holds no keys and no owner token: the programme goes on where the keys of this data directory are.',
    ].join('\n'),
  );
}

async function write(
  context: CommandContext,
  location: StoreLocation,
  { programme, out, exportedAt }: { programme: string; out: string; exportedAt: string },
): Promise<ExportSummary> {
  const source = await openSource(location, programme);
  const progress = startProgress(context, 'Exporting');
  const file = new WholeFileWriter(out, MODE);
  try {
    const summary = await exportProgramme(source, {
      programme,
      exportedAt,
      write: (lines) => file.write(lines),
      onProgress: (done, total) => progress.show(done, total),
    });
    file.finish();
    return summary;
  } finally {
    file.close();
    progress.end();
    await source.close();
  }
}
