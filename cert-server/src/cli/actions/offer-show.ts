/** `tapseal offer show` */
import { OfferAdminView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatAmount } from '../format-amount.js';
import { formatInstant } from '../format-instant.js';
import { offerSentence, offerUsage } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

export async function offerShow(context: CommandContext, options: GlobalOptions, id: string): Promise<void> {
  const session = openSession(context, options);
  const offer = await session.client.call({ path: session.route(`/offers/${id}`) }, OfferAdminView);
  printAnswer(context, options, offer, () =>
    renderFields(context.stdout, offer.title, offerSentence(offer), [
      ['offer', `${offer.id}, version ${offer.version}`],
      ['state', offer.paused ? `paused (tapseal offer resume ${offer.id})` : 'running'],
      ['used', offerUsage(offer)],
      ['amount', offer.amountMinor === 0 ? 'free' : formatAmount(offer.amountMinor, offer.currency)],
      ['touchpoints', offer.touchpoints.join(', ')],
      ['time zone', offer.timeZone],
      ['created', formatInstant(offer.createdAt, offer.timeZone)],
    ]),
  );
}
