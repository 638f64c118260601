/** What the commands that make and change an offer share beside its rules. */
import type { Action } from '@tapseal/shared/action';
import { AMOUNT_MINOR_MAX } from '@tapseal/shared/bounds';
import { formatDecimal, parseAmount } from '../decision/format-amount.js';
import type { Labels } from '../decision/labels.js';
import type { GlobalOptions } from './command-context.js';
import { usageError } from './problem-error.js';
import type { RuleOptions } from './rules/rule-options.js';

export type OfferOptions = GlobalOptions &
  RuleOptions & {
    readonly touchpoint?: readonly string[];
    readonly action?: Action;
    readonly title?: string;
    readonly amount?: string;
    readonly key?: Labels;
    /** False: in that of the programme again. */
    readonly timeZone?: string | false;
  };

/** @throws ProblemError usage_invalid */
export function amountMinorOf(amount: string, currency: string): number {
  const amountMinor = parseAmount(amount, currency);
  if (amountMinor !== undefined && amountMinor <= AMOUNT_MINOR_MAX) return amountMinor;
  throw usageError(
    `${amount} is no amount of ${currency}.`,
    `Give no more decimals than the currency has, and at most ${formatDecimal(AMOUNT_MINOR_MAX, currency)}.`,
  );
}
