/** `tapseal programme list` */
import { ProgrammeList } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { openServer } from '../session.js';
import { renderTable } from '../table.js';

export async function programmeList(context: CommandContext, options: GlobalOptions): Promise<void> {
  const answer = await openServer(context, options).call({ path: '/v1/programmes' }, ProgrammeList);
  printAnswer(context, options, answer, () =>
    renderTable(
      context.stdout,
      [
        { title: 'programme' },
        { title: 'time zone' },
        { title: 'currency' },
        { title: 'created' },
        { title: 'title', wraps: true },
      ],
      answer.programmes.map((programme) => [
        programme.id,
        programme.timeZone,
        programme.currency,
        formatInstant(programme.createdAt),
        programme.title,
      ]),
    ),
  );
}
