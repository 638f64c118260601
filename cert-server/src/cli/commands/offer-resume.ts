/** `tapseal offer resume`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addOfferResume(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'resume', {
    summary: 'grant a paused offer again',
    more: 'Limits go on where they were.',
    examples: ['tapseal offer resume free-coffee'],
  }).argument('<offer>', 'name of the offer', parseName);
  command.action(async (id: string) => {
    const { offerResume } = await import('../actions/offer-resume.js');
    await offerResume(context, command.optsWithGlobals(), id);
  });
}
