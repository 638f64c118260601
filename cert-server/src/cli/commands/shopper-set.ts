/** `tapseal shopper set`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseShopperId } from '../option-values.js';
import { collectAddition, collectRemoval } from '../rules/label-text.js';
import { subcommand } from '../subcommand.js';

export function addShopperSet(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'set', {
    summary: 'change the labels of a shopper',
    more: 'Limits count by labels: shopper.tier is for each tier together, shopper.tier=gold for one tier alone.',
    examples: [
      'tapseal shopper set 0f8a5c2e9b7d41360f8a5c2e --label tier=gold',
      'tapseal shopper set 0f8a5c2e9b7d41360f8a5c2e --no-label tier',
    ],
  })
    .argument('<shopper>', 'id of the shopper, as `tapseal phone list` shows it', parseShopperId)
    .option('--label <name=value>', 'what it belongs to; several may be given', collectAddition)
    .option('--no-label <name>', 'without this label; several may be given', collectRemoval);
  command.action(async (id: string) => {
    const { shopperSet } = await import('../actions/shopper-set.js');
    await shopperSet(context, command.optsWithGlobals(), id);
  });
}
