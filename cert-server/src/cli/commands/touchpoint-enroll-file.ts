/** `tapseal touchpoint enroll-file`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { subcommand } from '../subcommand.js';

export function addTouchpointEnrollFile(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'enroll-file', {
    summary: 'enrol a box without a network, from its request file',
    more: 'The code inside of the request is used up by this. Carry the response back to the box.',
    examples: [
      'tapseal touchpoint enroll-file /media/stick/lobby-1.request --out /media/stick/lobby-1.response',
    ],
  })
    .argument('<request>', 'file that the box wrote')
    .requiredOption('--out <file>', 'where to write the response for the box');
  command.action(async (path: string) => {
    const { touchpointEnrollFile } = await import('../actions/touchpoint-enroll-file.js');
    await touchpointEnrollFile(context, command.optsWithGlobals(), path);
  });
}
