/** `tapseal grant list` */
import { GrantPage, type GrantView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { decisionResult, fetchCurrency } from '../grant-line.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { renderTable } from '../table.js';

type Options = GlobalOptions & {
  readonly limit: number;
  readonly after?: number;
  readonly refusals?: true;
};

export async function grantList(context: CommandContext, options: Options): Promise<void> {
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
  // For scripts the figures are enough.
  const currency = options.json ? '' : await fetchCurrency(session);
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
        decisionResult(grant, currency),
        grant.transactionId,
      ]),
    );
  });
}
