/** `tapseal touchpoint set`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName, parseTimeZone } from '../option-values.js';
import { collectAddition, collectRemoval } from '../rules/label-text.js';
import { refuseBoth, subcommand } from '../subcommand.js';

export function addTouchpointSet(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'set', {
    summary: 'change the labels and the time zone of a touchpoint',
    more: 'Limits count by labels: touchpoint.merchant is for each merchant, touchpoint.site=airport for one site alone.',
    examples: [
      'tapseal touchpoint set lobby-1 --label merchant=cafe-ada --label site=airport',
      'tapseal touchpoint set lobby-1 --no-label site --time-zone Europe/London',
    ],
  })
    .argument('<touchpoint>', 'name of the touchpoint', parseName)
    .option('--label <name=value>', 'what it belongs to; several may be given', collectAddition)
    .option('--no-label <name>', 'without this label; several may be given', collectRemoval)
    .option('--time-zone <zone>', 'where it stands, before that of the offer', parseTimeZone)
    .option('--no-time-zone', 'in the time zone of the offer again');
  refuseBoth(command);
  command.action(async (name: string) => {
    const { touchpointSet } = await import('../actions/touchpoint-set.js');
    await touchpointSet(context, command.optsWithGlobals(), name);
  });
}
