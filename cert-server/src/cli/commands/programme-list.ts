/** `tapseal programme list` */
import type { Command } from 'commander';
import { ProgrammeList } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { openServer } from '../session.js';
import { subcommand } from '../subcommand.js';
import { renderTable } from '../table.js';

export function addProgrammeList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the programmes that the token may see',
    examples: ['tapseal programme list'],
  });
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions>();
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
  });
}
