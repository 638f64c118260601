/** `tapseal programme create`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { parseCurrency, parseName, parseTimeZone, parseTitle } from '../option-values.js';
import { subcommand } from '../subcommand.js';

export function addProgrammeCreate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'create', {
    summary: 'make a programme: its own offers, touchpoints, phones and tokens',
    more: 'Its time zone decides when days and weeks begin, and cannot be changed later.',
    examples: [
      'tapseal programme create north-mall --title "North Mall" --time-zone Europe/Berlin --currency EUR',
    ],
  })
    .argument('<name>', 'name of the new programme', parseName)
    .option('--title <text>', 'what shoppers read; the name where left out', parseTitle)
    .option('--time-zone <zone>', 'IANA time zone; that of this machine where left out', parseTimeZone)
    .option('--currency <code>', 'currency of its amounts', parseCurrency, 'EUR');
  command.action(async (id: string) => {
    const { programmeCreate } = await import('../actions/programme-create.js');
    await programmeCreate(context, command.optsWithGlobals(), id);
  });
}
