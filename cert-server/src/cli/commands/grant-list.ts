/** `tapseal grant list` */
import type { Command } from 'commander';
import { GRANTS_PAGE_MAX, GrantPage, type GrantView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { decisionResult } from '../grant-line.js';
import { parseWhole } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';
import { renderTable } from '../table.js';

type Options = GlobalOptions & {
  readonly limit: number;
  readonly after?: number;
  readonly refusals?: true;
};

export function addGrantList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list grants, the newest first',
    more: 'With --after they come in the order in which they were decided, for a script that continues.',
    examples: [
      'tapseal grant list',
      'tapseal grant list --refusals --limit 50',
      'tapseal grant list --after 1200 --limit 500 --json',
    ],
  })
    .option('--limit <n>', 'how many', parseWhole(1, GRANTS_PAGE_MAX), 20)
    .option(
      '--after <sequence>',
      'continue after this one, oldest first',
      parseWhole(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--refusals', 'refusals as well');
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    const session = openSession(context, options);
    const page = await session.client.call(
      {
        path: session.route('/grants'),
        query: {
          limit: options.limit,
          after: options.after,
          order: options.after === undefined ? 'newest' : 'oldest',
          decisions: options.refusals ? 'all' : 'grants',
        },
      },
      GrantPage,
    );
    printAnswer(context, options, page, () => {
      if (page.grants.length === 0) {
        return options.after === undefined ? 'Nothing has been granted yet.' : 'Nothing after this one.';
      }
      return renderTable(
        context.stdout,
        [
          { title: 'no.', align: 'right' },
          { title: 'at' },
          { title: 'offer' },
          { title: 'touchpoint' },
          { title: 'result', wraps: true },
          { title: 'transaction', below: true },
        ],
        page.grants.map((grant: GrantView) => [
          String(grant.sequence),
          formatInstant(grant.at),
          grant.offer,
          grant.touchpoint,
          decisionResult(grant),
          grant.transactionId,
        ]),
      );
    });
  });
}
