/** `tapseal offer change`, declared. */
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.js';
import { collectNames, parseAction, parseDecimal, parseName, parseTitle } from '../option-values.js';
import { refuseBoth, subcommand } from '../subcommand.js';
import { addRuleOptions, ruleGrammar } from './rule-options.js';

export function addOfferChange(parent: Command, context: CommandContext): void {
  const command = subcommand(parent, 'change', {
    summary: 'change an offer: a new version of it',
    more:
      'What is not given stays as it is. A limit or cool-down replaces the one that counts the same (--max 50 the one in all, ' +
      '--per-week 2 the one a week for each shopper, a cool-down also the one of the same people) or is added; keys are replaced ' +
      'by name; windows, exceptions and touchpoints are replaced as a whole. What is counted stays counted: a maximum below it ' +
      'stops grants, and takes none back.' +
      `\n\n${ruleGrammar}`,
    examples: [
      'tapseal offer change free-coffee --max 50',
      'tapseal offer change free-coffee --no-limits --limit 20/day --window "mon-fri 08:00-12:00"',
    ],
  })
    .argument('<offer>', 'name of the offer', parseName)
    .option('--touchpoint <name>', 'where it is valid; all of them, one after the other', collectNames)
    .option('--action <action>', 'what the box does: open, dispense, start, credit or stamp', parseAction)
    .option('--title <text>', 'what shoppers read', parseTitle)
    .option('--amount <amount>', 'price, for example 2.50; 0 for free', parseDecimal);
  addRuleOptions(command)
    .option('--no-limits', 'without the limits that it had')
    .option('--no-step', 'parts of any size')
    .option('--no-cooldowns', 'without the cool-downs that it had')
    .option('--no-windows', 'without the windows that it had')
    .option('--no-exceptions', 'without the exceptions that it had')
    .option('--no-keys', 'without the keys that it had')
    .option('--no-valid-from', 'without a first day')
    .option('--no-valid-to', 'without a last day')
    .option('--no-time-zone', 'in the time zone of the programme again');
  refuseBoth(command);
  command.action(async (offer: string) => {
    const { offerChange } = await import('../actions/offer-change.js');
    await offerChange(context, command.optsWithGlobals(), offer);
  });
}
