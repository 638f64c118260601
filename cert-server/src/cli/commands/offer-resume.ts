/** `tapseal offer resume` */
import type { Command } from 'commander';
import { OfferAdminView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { offerUsage } from '../offer-sentence.js';
import { parseName } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';

export function addOfferResume(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'resume', {
    summary: 'grant a paused offer again',
    more: 'Limits go on where they were.',
    examples: ['tapseal offer resume free-coffee'],
  }).argument('<offer>', 'name of the offer', parseName);
  command.action(async (id: string) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const session = openSession(context, options);
    const offer = await session.client.call(
      { method: 'POST', path: session.route(`/offers/${id}/resume`) },
      OfferAdminView,
    );
    printAnswer(context, options, offer, () => `The offer ${offer.id} is resumed: ${offerUsage(offer)}.`);
  });
}
