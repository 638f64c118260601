/** `tapseal touchpoint add`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseName, parsePlace, parseTimeZone, parseTitle } from '../option-values.js';
import { collectLabels } from '../rules/label-text.js';
import { refuseBoth, subcommand } from '../subcommand.js';

export function addTouchpointAdd(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'add', {
    summary: 'add a touchpoint and print its enrolment code',
    more: 'The code works once, for 15 minutes. The key is made on the box and never leaves it.',
    examples: [
      'tapseal touchpoint add lobby-1 --title "Coffee machine" --place "Lobby, left of the lift"',
      'tapseal touchpoint add gate-7 --label merchant=cafe-ada --time-zone Europe/London',
    ],
  })
    .argument('<touchpoint>', 'name of the new touchpoint', parseName)
    .option('--title <text>', 'what shoppers read; the name where left out', parseTitle)
    .option('--place <text>', 'where it stands, for shoppers and for whoever repairs it', parsePlace)
    .option('--label <name=value>', 'what limits can count by; several may be given', collectLabels)
    .option('--time-zone <zone>', 'where it stands; that of the offer where left out', parseTimeZone)
    .option('--qr', 'draw the QR code also where the output is no terminal')
    .option('--no-qr', 'draw no QR code');
  refuseBoth(command);
  command.action(async (name: string) => {
    const { touchpointAdd } = await import('../actions/touchpoint-add.js');
    await touchpointAdd(context, command.optsWithGlobals(), name);
  });
}
