/** `tapseal programme create` */
import type { Command } from 'commander';
import { type ProgrammeBody, ProgrammeView } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseCurrency, parseName, parseTimeZone } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { openServer } from '../session.js';
import { subcommand } from '../subcommand.js';

type Options = GlobalOptions & {
  readonly title?: string;
  readonly timeZone?: string;
  readonly currency: string;
};

export function addProgrammeCreate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'create', {
    summary: 'make a programme: its own offers, touchpoints, phones and tokens',
    more: 'Its time zone decides when days and weeks begin, and cannot be changed later.',
    examples: [
      'tapseal programme create north-mall --title "North Mall" --time-zone Europe/Berlin --currency EUR',
    ],
  })
    .argument('<name>', 'name of the new programme', parseName)
    .option('--title <text>', 'what shoppers read; the name where left out')
    .option('--time-zone <zone>', 'IANA time zone; that of this machine where left out', parseTimeZone)
    .option('--currency <code>', 'currency of its amounts', parseCurrency, 'EUR');
  command.action(async (id: string) => {
    const options = command.optsWithGlobals<Options>();
    const client = openServer(context, options);
    const body: ProgrammeBody = {
      id,
      title: options.title ?? id,
      timeZone: options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
      currency: options.currency,
    };
    const programme = await client.call({ method: 'POST', path: '/v1/programmes', body }, ProgrammeView);
    printAnswer(
      context,
      options,
      programme,
      () =>
        `Created the programme ${programme.id} (${programme.timeZone}, ${programme.currency}).\n` +
        `Use it with --programme ${programme.id}, or TAPSEAL_PROGRAMME=${programme.id}.`,
    );
  });
}
