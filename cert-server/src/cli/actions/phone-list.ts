/** `tapseal phone list` */
import { PhoneList } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { renderTable } from '../table.js';

type Options = GlobalOptions & { readonly after?: string; readonly limit: number };

export async function phoneList(context: CommandContext, options: Options): Promise<void> {
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
    return answer.next === undefined ? table : `${table}\n\nMore: tapseal phone list --after ${answer.next}`;
  });
}
