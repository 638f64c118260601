/** `tapseal offer pause` */
import type { Command } from 'commander';
import { OfferAdminView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { offerUsage } from '../offer-sentence.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

export function addOfferPause(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'pause', {
    summary: 'stop granting an offer until it is resumed',
    more: 'Phones see it as paused at their next request; what is used stays counted.',
    examples: ['tapseal offer pause free-coffee'],
  }).argument('<offer>', 'name of the offer', parseName);
  command.action(async (id: string) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const session = openSession(context, options);
    const offer = await session.client.call(
      { method: 'POST', path: session.route(`/offers/${id}/pause`) },
      OfferAdminView,
    );
    printAnswer(context, options, offer, () => `The offer ${offer.id} is paused: ${offerUsage(offer)}.`);
  });
}
