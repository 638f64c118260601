/** `tapseal offer create` */
import type { Action } from '@tapseal/shared/action';
import { AMOUNT_MINOR_MAX } from '@tapseal/shared/bounds';
import { OfferAdminView, type OfferBody, ProgrammeView, type Weekday } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseAmount } from '../format-amount.js';
import { offerSentence } from '../offer-sentence.js';
import { printAnswer } from '../print-answer.js';
import { printable } from '../printable.js';
import { usageError } from '../problem-error.js';
import { openSession, type Session } from '../session.js';
import { styleOf } from '../style.js';

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
  const { currency } = await session.client.call({ path: session.route('') }, ProgrammeView);
  const amountMinor = parseAmount(amount, currency);
  if (amountMinor === undefined || amountMinor > AMOUNT_MINOR_MAX) {
    throw usageError(
      `${amount} is no amount of ${currency}.`,
      'Give no more decimals than the currency has.',
    );
  }
  return amountMinor;
}

export async function offerCreate(context: CommandContext, options: Options, offer: string): Promise<void> {
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
}
