/** `tapseal offer show`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addOfferShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'say what an offer gives, to whom, and how much of it is used',
    examples: ['tapseal offer show free-coffee'],
  }).argument('<offer>', 'name of the offer', parseName);
  command.action(async (id: string) => {
    const { offerShow } = await import('../actions/offer-show.js');
    await offerShow(context, command.optsWithGlobals(), id);
  });
}
