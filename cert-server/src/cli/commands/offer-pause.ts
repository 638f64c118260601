/** `tapseal offer pause`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addOfferPause(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'pause', {
    summary: 'stop granting an offer until it is resumed',
    more: 'Phones see it as paused at their next request; what is used stays counted.',
    examples: ['tapseal offer pause free-coffee'],
  }).argument('<offer>', 'name of the offer', parseName);
  command.action(async (id: string) => {
    const { offerPause } = await import('../actions/offer-pause.js');
    await offerPause(context, command.optsWithGlobals(), id);
  });
}
