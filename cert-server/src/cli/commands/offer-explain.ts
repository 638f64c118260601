/** `tapseal offer explain`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName, parseShopperId } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addOfferExplain(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'explain', {
    summary: 'say why a shopper would get an offer now, or would not',
    more: 'Every limit that holds, with what is used, held and left, and when it resets. Counts nothing.',
    examples: [
      'tapseal offer explain free-coffee --shopper 0f8a5c2e9b7d41360f8a5c2e',
      'tapseal offer explain free-coffee --touchpoint lobby-1 --json',
    ],
  })
    .argument('<offer>', 'name of the offer', parseName)
    .option('--shopper <shopper>', 'whose limits; somebody new where left out', parseShopperId)
    .option('--touchpoint <name>', 'where; the first touchpoint of the offer where left out', parseName);
  command.action(async (offer: string) => {
    const { offerExplain } = await import('../actions/offer-explain.js');
    await offerExplain(context, command.optsWithGlobals(), offer);
  });
}
