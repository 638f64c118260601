/** `tapseal offer list` */
import type { Command } from 'commander';
import { OfferList } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { formatAmount } from '../format-amount.js';
import { printAnswer } from '../print-answer.js';
import { openSession } from '../session.js';
import { subcommand } from '../subcommand.js';
import { renderTable } from '../table.js';

export function addOfferList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the offers of the programme',
    examples: ['tapseal offer list', 'tapseal offer list --json | jq .offers[].id'],
  });
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions>();
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
          offer.rules.max === undefined ? `${offer.granted}` : `${offer.granted}/${offer.rules.max}`,
          offer.action,
          offer.amountMinor === 0 ? 'free' : formatAmount(offer.amountMinor, offer.currency),
          offer.touchpoints.join(', '),
          offer.sentence,
        ]),
      );
    });
  });
}
