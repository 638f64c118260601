/** `tapseal touchpoint show`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addTouchpointShow(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'show', {
    summary: 'show a touchpoint and the box behind it',
    examples: ['tapseal touchpoint show lobby-1'],
  }).argument('<touchpoint>', 'name of the touchpoint', parseName);
  command.action(async (name: string) => {
    const { touchpointShow } = await import('../actions/touchpoint-show.js');
    await touchpointShow(context, command.optsWithGlobals(), name);
  });
}
