/** `tapseal touchpoint set` */
import { type LabelChanges, type TouchpointChangeBody, TouchpointView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { formatLabels } from '../rules/label-text.js';
import { openSession } from '../session.js';

type Options = GlobalOptions & {
  readonly label?: LabelChanges;
  /** False: in that of the offer again. */
  readonly timeZone?: string | false;
};

export async function touchpointSet(context: CommandContext, options: Options, name: string): Promise<void> {
  const { label, timeZone } = options;
  const body: TouchpointChangeBody = {
    ...(label === undefined ? {} : { labels: label }),
    ...(timeZone === undefined ? {} : { timeZone: timeZone === false ? null : timeZone }),
  };
  if (Object.keys(body).length === 0) {
    throw usageError(
      'This changes nothing.',
      'Give a label or a time zone, for example --label merchant=cafe-ada.',
    );
  }
  const session = openSession(context, options);
  const touchpoint = await session.client.call(
    { method: 'PATCH', path: session.route(`/touchpoints/${name}`), body },
    TouchpointView,
  );
  printAnswer(context, options, touchpoint, () => {
    const labels = formatLabels(touchpoint.labels);
    const zone = touchpoint.timeZone ?? 'that of the offer';
    return `The touchpoint ${touchpoint.name}: labels ${labels === '' ? 'none' : labels}; time zone ${zone}.`;
  });
}
