/** `tapseal shopper show` */
import { ShopperView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatInstant } from '../format-instant.js';
import { printAnswer } from '../print-answer.js';
import { formatLabels } from '../rules/label-text.js';
import { openSession } from '../session.js';

export async function shopperShow(
  context: CommandContext,
  options: GlobalOptions,
  id: string,
): Promise<void> {
  const session = openSession(context, options);
  const shopper = await session.client.call({ path: session.route(`/shoppers/${id}`) }, ShopperView);
  printAnswer(context, options, shopper, () => {
    const labels = formatLabels(shopper.labels);
    return renderFields(context.stdout, `Shopper ${shopper.id}`, undefined, [
      ['labels', labels === '' ? 'none' : labels],
      ['known since', formatInstant(shopper.createdAt)],
    ]);
  });
}
