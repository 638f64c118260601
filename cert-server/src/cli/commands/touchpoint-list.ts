/** `tapseal touchpoint list`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addTouchpointList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the touchpoints of the programme',
    examples: ['tapseal touchpoint list', 'tapseal touchpoint list --json | jq .touchpoints[].name'],
  });
  command.action(async () => {
    const { touchpointList } = await import('../actions/touchpoint-list.js');
    await touchpointList(context, command.optsWithGlobals());
  });
}
