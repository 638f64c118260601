/** `tapseal offer create`, declared. */
import type { Command } from 'commander';
import { LIMIT_MAX } from '../../http/admin-bounds.js';
import type { CommandContext } from '../command-context.js';
import {
  collectNames,
  parseAction,
  parseDateOrInstant,
  parseDecimal,
  parseName,
  parseTimeOfDay,
  parseWeekdays,
  parseWhole,
} from '../option-values.js';
import { subcommand } from '../subcommand.js';

const limit = parseWhole(1, LIMIT_MAX);

export function addOfferCreate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'create', {
    summary: 'make an offer',
    more: 'Days, weeks (from Monday), months and times are those of the time zone of the programme.',
    examples: [
      'tapseal offer create free-coffee --touchpoint lobby-1 --action dispense --max 100 --until 12:00 --per-week 1',
      'tapseal offer create parking --touchpoint gate-1 --touchpoint gate-2 --action open --amount 2.50 --weekdays mon-fri',
    ],
  })
    .argument('<offer>', 'name of the new offer', parseName)
    .requiredOption('--touchpoint <name>', 'where it is valid; may be given several times', collectNames)
    .requiredOption(
      '--action <action>',
      'what the box does: open, dispense, start, credit or stamp',
      parseAction,
    )
    .option('--title <text>', 'what shoppers read; the name where left out')
    .option('--amount <amount>', 'price, for example 2.50; free where left out', parseDecimal)
    .option('--max <n>', 'grants in all', limit)
    .option('--per-day <n>', 'grants a day for each shopper', limit)
    .option('--per-week <n>', 'grants a week for each shopper', limit)
    .option('--per-month <n>', 'grants a month for each shopper', limit)
    .option('--from <time>', 'opens every day at this time, HH:MM', parseTimeOfDay)
    .option('--until <time>', 'closes every day at this time, HH:MM', parseTimeOfDay)
    .option('--weekdays <days>', 'only on these days: mon,tue or mon-fri', parseWeekdays)
    .option('--valid-from <date>', 'first day, or the time from which on it is valid', parseDateOrInstant)
    .option('--valid-to <date>', 'last day, or the time from which on it is over', parseDateOrInstant);
  command.action(async (offer: string) => {
    const { offerCreate } = await import('../actions/offer-create.js');
    await offerCreate(context, command.optsWithGlobals(), offer);
  });
}
