/** `tapseal offer list` */

import { formatAmount } from '../../decision/format-amount.js';
import { OfferList } from '../../http/offer-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { grantsMaximum } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { renderTable } from '../table.js';

export async function offerList(context: CommandContext, options: GlobalOptions): Promise<void> {
  const session = openSession(context, options);
  const answer = await session.client.call({ path: session.route('/offers') }, OfferList);
  printAnswer(context, options, answer, () => {
    if (answer.offers.length === 0) return 'No offer yet. Make one with: tapseal offer create --help';
    return renderTable(
      context.stdout,
      [
        { title: 'offer' },
        { title: 'state' },
        { title: 'granted', align: 'right' },
        { title: 'action' },
        { title: 'amount', align: 'right' },
        { title: 'touchpoints', wraps: true },
        { title: 'rules', wraps: true },
      ],
      answer.offers.map((offer) => [
        offer.id,
        offer.paused ? 'paused' : 'running',
        [offer.granted, grantsMaximum(offer)].filter((count) => count !== undefined).join('/'),
        offer.action,
        offer.amountMinor === 0 ? 'free' : formatAmount(offer.amountMinor, offer.currency),
        offer.touchpoints.join(', '),
        offer.sentence,
      ]),
    );
  });
}
