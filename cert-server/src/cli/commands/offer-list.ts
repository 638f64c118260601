/** `tapseal offer list`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addOfferList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the offers of the programme',
    examples: ['tapseal offer list', 'tapseal offer list --json | jq .offers[].id'],
  });
  command.action(async () => {
    const { offerList } = await import('../actions/offer-list.js');
    await offerList(context, command.optsWithGlobals());
  });
}
