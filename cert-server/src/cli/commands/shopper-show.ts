/** `tapseal shopper show`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseShopperId } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addShopperShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'show a shopper and its labels',
    examples: ['tapseal shopper show 0f8a5c2e9b7d41360f8a5c2e'],
  }).argument('<shopper>', 'id of the shopper, as `tapseal phone list` shows it', parseShopperId);
  command.action(async (id: string) => {
    const { shopperShow } = await import('../actions/shopper-show.js');
    await shopperShow(context, command.optsWithGlobals(), id);
  });
}
