/** `tapseal offer pause` */
import { OfferAdminView } from '../../http/offer-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { offerUsage } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';

export async function offerPause(context: CommandContext, options: GlobalOptions, id: string): Promise<void> {
  const session = openSession(context, options);
  const offer = await session.client.call(
    { method: 'POST', path: session.route(`/offers/${id}/pause`) },
    OfferAdminView,
  );
  printAnswer(context, options, offer, () => `The offer ${offer.id} is paused: ${offerUsage(offer)}.`);
}
