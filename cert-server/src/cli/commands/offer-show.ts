/** `tapseal offer show` */
import type { Command } from 'commander';
import { OfferAdminView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { renderFields } from '../fields-view.js';
import { formatAmount } from '../format-amount.js';
import { formatInstant } from '../format-instant.js';
import { offerSentence, offerUsage } from '../offer-sentence.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

export function addOfferShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'say what an offer gives, to whom, and how much of it is used',
    examples: ['tapseal offer show free-coffee'],
  }).argument('<offer>', 'name of the offer', parseName);
  command.action(async (id: string) => {
    const options = command.optsWithGlobals<GlobalOptions>();
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
  });
}
