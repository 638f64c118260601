/** `tapseal phone list` */
import type { Command } from 'commander';
import { PhoneList } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { parsePhoneId, parseWhole } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';
import { renderTable } from '../table.js';

type Options = GlobalOptions & { readonly after?: string; readonly limit: number };

export function addPhoneList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the phones that are registered',
    examples: ['tapseal phone list', 'tapseal phone list --limit 500 --json'],
  })
    .option('--limit <n>', 'how many', parseWhole(1, 500), 100)
    .option('--after <phone>', 'continue after this one', parsePhoneId);
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const answer = await session.client.call(
      { path: session.route('/phones'), query: { limit: options.limit, after: options.after } },
      PhoneList,
    );
    printAnswer(context, options, answer, () => {
      if (answer.phones.length === 0) return 'No phone is registered.';
      const table = renderTable(
        context.stdout,
        [
          { title: 'shopper' },
          { title: 'state' },
          { title: 'key' },
          { title: 'registered' },
          { title: 'reason', wraps: true },
          { title: 'phone', below: true },
        ],
        answer.phones.map((phone) => [
          phone.shopper,
          phone.state,
          phone.algorithm,
          formatInstant(phone.registeredAt),
          phone.revokedReason ?? '',
          phone.id,
        ]),
      );
      return answer.next === undefined
        ? table
        : `${table}\n\nMore: tapseal phone list --after ${answer.next}`;
    });
  });
}
