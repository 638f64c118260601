/** `tapseal touchpoint list` */
import { TouchpointList, type TouchpointView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { renderTable } from '../table.js';

/** Whether receipts are missing or forked: what to look at first. */
export function receiptsState(touchpoint: TouchpointView): string {
  if (touchpoint.forked) return 'FORKED';
  const missing = (touchpoint.receiptsHighest ?? 0) - (touchpoint.receiptsThrough ?? 0);
  return missing > 0 ? `${missing} missing or behind a gap` : 'complete';
}

export async function touchpointList(context: CommandContext, options: GlobalOptions): Promise<void> {
  const session = openSession(context, options);
  const answer = await session.client.call({ path: session.route('/touchpoints') }, TouchpointList);
  printAnswer(context, options, answer, () => {
    if (answer.touchpoints.length === 0)
      return 'No touchpoint yet. Add one with: tapseal touchpoint add NAME';
    return renderTable(
      context.stdout,
      [
        { title: 'touchpoint' },
        { title: 'state' },
        { title: 'title', wraps: true },
        { title: 'place', wraps: true },
        { title: 'last seen' },
        { title: 'receipts', wraps: true },
      ],
      answer.touchpoints.map((touchpoint) => [
        touchpoint.name,
        touchpoint.state,
        touchpoint.title,
        touchpoint.place,
        touchpoint.seenAt === undefined ? 'never' : formatInstant(touchpoint.seenAt),
        touchpoint.id === undefined ? '' : receiptsState(touchpoint),
      ]),
    );
  });
}
