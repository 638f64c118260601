/** `tapseal programme list`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addProgrammeList(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'list', {
    summary: 'list the programmes that the token may see',
    examples: ['tapseal programme list'],
  });
  command.action(async () => {
    const { programmeList } = await import('../actions/programme-list.js');
    await programmeList(context, command.optsWithGlobals());
  });
}
