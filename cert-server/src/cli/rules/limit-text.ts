/**
 * Limits as they are typed: `MAX[/PERIOD][/DIMENSION…][/partial]`. `100` in all, `1/week/shopper`, `500.00/month/touchpoint/partial`,
 * `20/rolling-7d/shopper.tier=gold`. What comes after the maximum may stand in any order.
 */
import { InvalidArgumentError } from 'commander';
import { formatDecimal, parseAmount } from '../../decision/format-amount.js';
import type { Limit } from '../../decision/offer-rules.js';
import { AMOUNT_LIMIT_MAX, LIMIT_MAX } from '../../http/admin-bounds.js';
import { usageError } from '../problem-error.js';
import { dimensionsFault, parseDimension } from './dimension-text.js';
import { formatPeriod, parsePeriod } from './period-text.js';

const EXAMPLES = 'for example 100, 1/week/shopper or 500.00/month/partial';

/** A limit whose maximum is still text: what an amount is in minor units, the currency says. */
export type LimitText = Omit<Limit, 'maximum' | 'of'> & {
  readonly maximum: string;
  readonly of: 'grants' | 'amount';
};

/** How large an amount may be, the currency says. */
function parseMaximum(text: string): Pick<LimitText, 'maximum' | 'of'> {
  const [, prefix, digits = '', decimals] = /^(amount:)?([0-9]+)(\.[0-9]{1,4})?$/.exec(text) ?? [];
  const isAmount = prefix !== undefined || decimals !== undefined;
  const maximum = digits + (decimals ?? '');
  const isInBounds = Number(maximum) > 0 && (isAmount || Number(maximum) <= LIMIT_MAX);
  if (digits === '' || !isInBounds) {
    throw new InvalidArgumentError(
      `"${text}" is no maximum: it is a whole number of grants from 1 to ${LIMIT_MAX}, or an amount like 500.00 or amount:500.`,
    );
  }
  return { maximum, of: isAmount ? 'amount' : 'grants' };
}

/** @throws InvalidArgumentError */
export function parseLimit(text: string): LimitText {
  const [first = '', ...parts] = text.split('/');
  const limit = parseMaximum(first);
  const per: string[] = [];
  let period: LimitText['period'];
  let partial = false;
  for (const part of parts) {
    const foundPeriod = parsePeriod(part);
    const dimension = parseDimension(part);
    if (foundPeriod !== undefined) {
      if (period !== undefined) throw new InvalidArgumentError(`It has two periods; ${EXAMPLES}.`);
      period = foundPeriod;
    } else if (dimension !== undefined) {
      per.push(dimension);
    } else if (part === 'partial') {
      partial = true;
    } else {
      throw new InvalidArgumentError(
        `"${part}" is no period (day, week, sunday-week, month, year, 2weeks@2026-01-05, rolling-7d, rolling-12h), ` +
          `nothing to count by (shopper, touchpoint, shopper.tier, touchpoint.merchant=cafe-ada, key.campaign), and not "partial"; ${EXAMPLES}.`,
      );
    }
  }
  const fault = dimensionsFault(per);
  if (fault !== undefined) throw new InvalidArgumentError(fault);
  if (partial && limit.of === 'grants') {
    throw new InvalidArgumentError(
      'Only an amount can be awarded in part, for example 500.00/month/partial.',
    );
  }
  return {
    ...limit,
    ...(per.length === 0 ? {} : { per }),
    ...(period === undefined ? {} : { period }),
    ...(partial ? { partial } : {}),
  };
}

/** @throws ProblemError usage_invalid where the maximum is no amount of the currency */
export function limitOf({ maximum, of, ...rest }: LimitText, currency: string): Limit {
  if (of === 'grants') return { maximum: Number(maximum), ...rest };
  const minor = parseAmount(maximum, currency);
  if (minor === undefined || minor > AMOUNT_LIMIT_MAX) {
    throw usageError(
      `${maximum} is no limit of an amount in ${currency}.`,
      `Give no more decimals than the currency has, and at most ${formatDecimal(AMOUNT_LIMIT_MAX, currency)}.`,
    );
  }
  return { maximum: minor, of, ...rest };
}

/** What `limitOf(parseLimit(text), currency)` gives back. */
export function formatLimit({ maximum, of, per = [], period, partial }: Limit, currency: string): string {
  const amount = formatDecimal(maximum, currency);
  const first = of === 'amount' ? (amount.includes('.') ? amount : `amount:${amount}`) : String(maximum);
  const parts = [first, ...(period === undefined ? [] : [formatPeriod(period)]), ...per];
  return [...parts, ...(partial ? ['partial'] : [])].join('/');
}
