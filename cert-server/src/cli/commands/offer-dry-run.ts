/** `tapseal offer dry-run`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName, parseShopperId } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addOfferDryRun(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'dry-run', {
    summary: 'try what a shopper would get now, without counting',
    more: 'The verdict of `tapseal offer explain` alone; the exit code is 1 where it would be refused.',
    examples: ['tapseal offer dry-run free-coffee --shopper 0f8a5c2e9b7d41360f8a5c2e --touchpoint lobby-1'],
  })
    .argument('<offer>', 'name of the offer', parseName)
    .option('--shopper <shopper>', 'whose limits; somebody new where left out', parseShopperId)
    .option('--touchpoint <name>', 'where; the first touchpoint of the offer where left out', parseName);
  command.action(async (offer: string) => {
    const { offerDryRun } = await import('../actions/offer-dry-run.js');
    await offerDryRun(context, command.optsWithGlobals(), offer);
  });
}
