/** A limit or a cool-down in words that a venue manager understands; also what a refusal names, so it fits into one. */
import { describeScope } from './describe-scope.js';
import { type Dimension, parseDimension } from './dimension.js';
import { durationInWords } from './duration-in-words.js';
import { fitRule } from './fit-rule.js';
import { formatAmount } from './format-amount.js';
import type { CalendarPeriod, Cooldown, Limit } from './offer-rules.js';

const NAME_CHARS_SHORT = 14;

function shortened(name: string | undefined): string | undefined {
  if (name === undefined || name.length <= NAME_CHARS_SHORT) return name;
  return `${name.slice(0, NAME_CHARS_SHORT - 1)}…`;
}

function withShortNames({ of, label, value }: Dimension): Dimension {
  const [shortLabel, shortValue] = [shortened(label), shortened(value)];
  return {
    of,
    ...(shortLabel === undefined ? {} : { label: shortLabel }),
    ...(shortValue === undefined ? {} : { value: shortValue }),
  };
}

function calendarInWords({ unit, every = 1, weekStart, from }: CalendarPeriod): string {
  const notes = [
    ...(weekStart === 'sun' ? ['Sunday to Saturday'] : []),
    ...(from === undefined ? [] : [`counted from ${from}`]),
  ];
  const name = every === 1 ? `a ${unit}` : `every ${every} ${unit}s`;
  return notes.length === 0 ? name : `${name} (${notes.join(', ')})`;
}

function periodInWords(period: Limit['period']): string | undefined {
  if (period === undefined) return undefined;
  if ('unit' in period) return calendarInWords(period);
  return `in any ${durationInWords(period.rollingS).replace(/^1 /, '')}`;
}

/** Where each shopper is counted apart, as people say it: once, twice, 3 times. */
function quantityInWords(
  { maximum, of = 'grants' }: Limit,
  isEachShopper: boolean,
  currency: string,
): string {
  if (of === 'amount') return `at most ${formatAmount(maximum, currency)}`;
  if (!isEachShopper) return `at most ${maximum}`;
  return maximum === 1 ? 'once' : maximum === 2 ? 'twice' : `${maximum} times`;
}

function joined(...phrases: readonly (string | undefined)[]): string {
  return phrases.filter((phrase) => phrase !== undefined && phrase !== '').join(' ');
}

/**
 * `once a week for each shopper`, at most REFUSAL_RULE_BYTES_MAX bytes.
 * @param stepMinor what parts are multiples of, in minor units
 */
export function describeLimit(limit: Limit, currency: string, stepMinor?: number): string {
  const dimensions = (limit.per ?? []).map(parseDimension);
  const isEachShopper = limit.per?.includes('shopper') ?? false;
  const quantity = quantityInWords(limit, isEachShopper, currency);
  const isCountedInAll = limit.period === undefined && quantity.startsWith('at most');
  const period = isCountedInAll ? 'in all' : periodInWords(limit.period);
  const saying = joined(quantity, period, describeScope(dimensions));
  const short = joined(quantity, period, describeScope(dimensions.map(withShortNames)));
  if (!limit.partial) return fitRule(saying, short);
  const steps = stepMinor === undefined ? '' : ` in steps of ${formatAmount(stepMinor, currency)}`;
  const part = `${saying}, the last one may be a part`;
  return fitRule(`${part}${steps}`, part, saying, short);
}

/** `no sooner than 30 seconds after the last one, for each shopper`, at most REFUSAL_RULE_BYTES_MAX bytes. */
export function describeCooldown({ seconds, per = ['shopper'] }: Cooldown): string {
  const dimensions = per.map(parseDimension);
  const wait = `no sooner than ${durationInWords(seconds)} after the last one`;
  return fitRule(
    `${wait}, ${describeScope(dimensions)}`,
    `${wait}, ${describeScope(dimensions.map(withShortNames))}`,
  );
}
