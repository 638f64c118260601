/** `tapseal touchpoint code`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addTouchpointCode(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'code', {
    summary: 'print a new enrolment code for a touchpoint',
    more: 'For a code that ran out, and for a new box in place of a broken or revoked one. An earlier code ends.',
    examples: ['tapseal touchpoint code lobby-1'],
  })
    .argument('<touchpoint>', 'name of the touchpoint', parseName)
    .option('--qr', 'draw the QR code also where the output is no terminal')
    .option('--no-qr', 'draw no QR code');
  command.action(async (name: string) => {
    const { touchpointCode } = await import('../actions/touchpoint-code.js');
    await touchpointCode(context, command.optsWithGlobals(), name);
  });
}
