/** `tapseal programme create` */
import { type ProgrammeBody, ProgrammeView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { openServer } from '../session.js';

type Options = GlobalOptions & {
  readonly title?: string;
  readonly timeZone?: string;
  readonly currency: string;
};

export async function programmeCreate(context: CommandContext, options: Options, id: string): Promise<void> {
  const client = openServer(context, options);
  const body: ProgrammeBody = {
    id,
    title: options.title ?? id,
    timeZone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    currency: options.currency,
  };
  const programme = await client.call({ method: 'POST', path: '/v1/programmes', body }, ProgrammeView);
  printAnswer(
    context,
    options,
    programme,
    () =>
      `Created the programme ${programme.id} (${programme.timeZone}, ${programme.currency}).\n` +
      `Use it with --programme ${programme.id}, or TAPSEAL_PROGRAMME=${programme.id}.`,
  );
}
