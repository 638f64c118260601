/** `tapseal offer create`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { collectNames, parseAction, parseDecimal, parseName, parseTitle } from '../option-values.js';
import { subcommand } from '../subcommand.js';
import { addRuleOptions, ruleGrammar } from './rule-options.js';

export function addOfferCreate(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'create', {
    summary: 'make an offer',
    more:
      'Days, weeks and hours are those of the time zone of the touchpoint, the offer or the programme, in that order. ' +
      `All limits hold together.\n\n${ruleGrammar}`,
    examples: [
      'tapseal offer create free-coffee --touchpoint lobby-1 --action dispense --max 100 --until 12:00 --per-week 1',
      'tapseal offer create parking --touchpoint gate-1 --touchpoint gate-2 --action open --amount 2.50 --weekdays mon-fri',
      'tapseal offer create lunch --touchpoint till-1 --action credit --amount 8.00 --limit 500.00/month/touchpoint.merchant/partial --limit 3/rolling-7d/shopper --cooldown 4h --window "mon-fri 11:00-14:00" --except holidays:DE-BE --spend confirmed:2h',
    ],
  })
    .argument('<offer>', 'name of the new offer', parseName)
    .requiredOption('--touchpoint <name>', 'where it is valid; may be given several times', collectNames)
    .requiredOption(
      '--action <action>',
      'what the box does: open, dispense, start, credit or stamp',
      parseAction,
    )
    .option('--title <text>', 'what shoppers read; the name where left out', parseTitle)
    .option('--amount <amount>', 'price, for example 2.50; free where left out', parseDecimal);
  addRuleOptions(command);
  command.action(async (offer: string) => {
    const { offerCreate } = await import('../actions/offer-create.js');
    await offerCreate(context, command.optsWithGlobals(), offer);
  });
}
