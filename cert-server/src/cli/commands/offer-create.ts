/** `tapseal offer create` */
import type { Action } from '@tapseal/shared/action';
import { AMOUNT_MINOR_MAX } from '@tapseal/shared/bounds';
import type { Command } from 'commander';
import {
  LIMIT_MAX,
  OfferAdminView,
  type OfferBody,
  OfferList,
  ProgrammeList,
  type Weekday,
} from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseAmount } from '../format-amount.js';
import { offerSentence } from '../offer-sentence.js';
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
import { printAnswer } from '../print-answer.js';
import { printable } from '../printable.js';
import { problemError, usageError } from '../problem-error.js';
import { openSession, type Session } from '../session.js';
import { styleOf } from '../style.js';
import { subcommand } from '../subcommand.js';

type Options = GlobalOptions & {
  readonly touchpoint: readonly string[];
  readonly action: Action;
  readonly title?: string;
  readonly amount?: string;
  readonly max?: number;
  readonly perDay?: number;
  readonly perWeek?: number;
  readonly perMonth?: number;
  readonly from?: string;
  readonly until?: string;
  readonly weekdays?: Weekday[];
  readonly validFrom?: string;
  readonly validTo?: string;
};

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
    const options = command.optsWithGlobals<Options>();
    checkRules(options);
    const session = openSession(context, options);
    const body = await bodyOf(session, offer, options);
    const created = await session.client.call(
      { method: 'POST', path: session.route('/offers'), body },
      OfferAdminView,
    );
    printAnswer(context, options, created, () => {
      const style = styleOf(context.stdout);
      return [
        `${style.green('Created')} the offer ${style.bold(created.id)}${created.title === created.id ? '' : ` (${printable(created.title)})`}.`,
        printable(offerSentence(created)),
        style.dim(`Phones see it from now on. To pause it: tapseal offer pause ${created.id}`),
      ].join('\n');
    });
  });
}

function checkRules(options: Options): void {
  if (options.from !== undefined && options.from === options.until) {
    throw usageError(
      `--from and --until are both ${options.from}: that is no window.`,
      'Leave both out for the whole day.',
    );
  }
  const { validFrom, validTo } = options;
  // Text in this form sorts by time where both have the same precision, as two dates have.
  if (validFrom?.length === 10 && validTo?.length === 10 && validTo < validFrom) {
    throw usageError(
      `--valid-to ${validTo} is before --valid-from ${validFrom}.`,
      'Give the first day with --valid-from and the last one with --valid-to.',
    );
  }
}

async function bodyOf(session: Session, id: string, options: Options): Promise<OfferBody> {
  const { title, max, perDay, perWeek, perMonth, from, until, validFrom, validTo } = options;
  return {
    id,
    touchpoints: [...options.touchpoint],
    action: options.action,
    ...(title === undefined ? {} : { title }),
    ...(options.amount === undefined ? {} : { amountMinor: await amountMinorOf(session, options.amount) }),
    rules: {
      ...(max === undefined ? {} : { max }),
      ...(perDay === undefined ? {} : { perDay }),
      ...(perWeek === undefined ? {} : { perWeek }),
      ...(perMonth === undefined ? {} : { perMonth }),
      ...(from === undefined ? {} : { from }),
      ...(until === undefined ? {} : { until }),
      ...(options.weekdays === undefined ? {} : { weekdays: options.weekdays }),
      ...(validFrom === undefined ? {} : { validFrom }),
      ...(validTo === undefined ? {} : { validTo }),
    },
  };
}

async function amountMinorOf(session: Session, amount: string): Promise<number> {
  const currency = await currencyOf(session);
  const amountMinor = parseAmount(amount, currency);
  if (amountMinor === undefined || amountMinor > AMOUNT_MINOR_MAX) {
    throw usageError(
      `${amount} is no amount of ${currency}.`,
      'Give no more decimals than the currency has.',
    );
  }
  return amountMinor;
}

/** Only owners of the whole server may list programmes; others learn the currency from the offers that there are. */
async function currencyOf(session: Session): Promise<string> {
  const { offers } = await session.client.call({ path: session.route('/offers') }, OfferList);
  const [first] = offers;
  if (first !== undefined) return first.currency;
  const { programmes } = await session.client.call({ path: '/v1/programmes' }, ProgrammeList);
  const programme = programmes.find((candidate) => candidate.id === session.programme);
  // The server has just answered for it.
  if (programme === undefined)
    throw problemError('server_answer_invalid', `the list of programmes lacks ${session.programme}`);
  return programme.currency;
}
