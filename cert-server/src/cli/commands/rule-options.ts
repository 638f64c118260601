/** The options for the rules of an offer, declared once for the commands that take them. */
import type { Command } from 'commander';
import { LIMIT_MAX } from '../../http/admin-bounds.js';
import {
  collect,
  parseDateOrInstant,
  parseDecimal,
  parseTimeOfDay,
  parseTimeZone,
  parseWeekdays,
  parseWhole,
} from '../option-values.js';
import { parseCooldown } from '../rules/cooldown-text.js';
import { parseException } from '../rules/exception-text.js';
import { collectLabels } from '../rules/label-text.js';
import { parseLimit } from '../rules/limit-text.js';
import { parseSpend } from '../rules/spend-text.js';
import { parseWindow } from '../rules/window-text.js';

const count = parseWhole(1, LIMIT_MAX);

/** What can stand in each of them, for the help of a command. */
export const ruleGrammar = [
  '--limit MAX[/PERIOD][/BY…][/partial]: MAX is a number of grants, or a sum like 500.00 (amount:500) in the currency of the ' +
    'programme; PERIOD is day, week, sunday-week, month, year, 2weeks (or 2weeks@2026-01-05, counted from there), or ' +
    'rolling-7d, rolling-12h, rolling-30m: the last so long; BY is shopper, touchpoint, a label of them (shopper.tier, ' +
    'touchpoint.merchant=cafe-ada) or a key of the offer (key.campaign); with partial, what is left of a sum is granted ' +
    'where it is less than the amount, in multiples of --step.',
  '--window: days, dates, hours, holidays:DE-BE or rrule:… that all hold; open while any window is.',
].join('\n\n');

export function addRuleOptions(command: Command): Command {
  return command
    .option(
      '--limit <limit>',
      'a limit, for example 1/week/shopper; several may be given',
      collect(parseLimit),
    )
    .option(
      '--step <amount>',
      'a part that a limit awards is a multiple of it, for example 0.50; that of a pulse box',
      parseDecimal,
    )
    .option('--max <n>', 'short for --limit N: grants in all', count)
    .option('--per-day <n>', 'short for --limit N/day/shopper', count)
    .option('--per-week <n>', 'short for --limit N/week/shopper', count)
    .option('--per-month <n>', 'short for --limit N/month/shopper', count)
    .option(
      '--cooldown <span>',
      'the least time between two grants, for example 30s or 10m/touchpoint; for each shopper where not said',
      collect(parseCooldown),
    )
    .option(
      '--window <window>',
      "when it is open, for example 'mon-fri 08:00-12:00'; several may be given",
      collect(parseWindow),
    )
    .option('--from <time>', 'opens every day at this time, HH:MM', parseTimeOfDay)
    .option('--until <time>', 'closes every day at this time, HH:MM', parseTimeOfDay)
    .option('--weekdays <days>', 'only on these days: mon,tue or mon-fri', parseWeekdays)
    .option(
      '--except <days>',
      'closed on 2026-12-24, 2026-12-24..26 or holidays:DE-BE; several may be given',
      collect(parseException),
    )
    .option('--valid-from <date>', 'first day, or the time from which on it is valid', parseDateOrInstant)
    .option('--valid-to <date>', 'last day, or the time from which on it is over', parseDateOrInstant)
    .option(
      '--spend <when>',
      'granted, or confirmed:24h: counted when the box confirms, held for so long until then',
      parseSpend,
    )
    .option('--key <name=value>', 'what limits by key.NAME count over; several may be given', collectLabels)
    .option(
      '--time-zone <zone>',
      'of its days and hours; that of the programme where left out',
      parseTimeZone,
    );
}
