/** `tapseal touchpoint revoke`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName, parseReason } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addTouchpointRevoke(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'revoke', {
    summary: 'revoke the box of a touchpoint, for good',
    more: 'Nothing is granted at it from its next request on. The name stays, and can get another box.',
    examples: ['tapseal touchpoint revoke lobby-1 --reason "stolen"'],
  })
    .argument('<touchpoint>', 'name of the touchpoint', parseName)
    .option('--reason <text>', 'kept on record', parseReason);
  command.action(async (name: string) => {
    const { touchpointRevoke } = await import('../actions/touchpoint-revoke.js');
    await touchpointRevoke(context, command.optsWithGlobals(), name);
  });
}
