/** `tapseal shopper set` */
import { type LabelChanges, ShopperView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { formatLabels } from '../rules/label-text.js';
import { openSession } from '../session.js';

type Options = GlobalOptions & { readonly label?: LabelChanges };

export async function shopperSet(context: CommandContext, options: Options, id: string): Promise<void> {
  const { label: body } = options;
  if (body === undefined) {
    throw usageError('This changes nothing.', 'Give a label, for example --label tier=gold.');
  }
  const session = openSession(context, options);
  const shopper = await session.client.call(
    { method: 'PATCH', path: session.route(`/shoppers/${id}/labels`), body },
    ShopperView,
  );
  printAnswer(context, options, shopper, () => {
    const labels = formatLabels(shopper.labels);
    return `The shopper ${shopper.id}: labels ${labels === '' ? 'none' : labels}.`;
  });
}
