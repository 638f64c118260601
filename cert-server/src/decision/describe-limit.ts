/** A limit or a cool-down in words that a venue manager understands: whole, and ever shorter for what a refusal has room for. */
import { describeScope } from './describe-scope.js';
import { type Dimension, parseDimension } from './dimension.js';
import { durationInWords } from './duration-in-words.js';
import type { Sayings } from './fit-rule.js';
import { formatAmount } from './format-amount.js';
import type { CalendarPeriod, Cooldown, Limit } from './offer-rules.js';

/** Of names in a refusal: the first number that leaves room for the rest. */
const NAME_CHARS = [26, 20, 14, 8] as const;

function shortened(name: string | undefined, charsMax: number): string | undefined {
  if (name === undefined || name.length <= charsMax) return name;
  return `${name.slice(0, charsMax - 1)}…`;
}

function withShortNames({ of, label, value }: Dimension, charsMax: number): Dimension {
  const [shortLabel, shortValue] = [shortened(label, charsMax), shortened(value, charsMax)];
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

function withoutFrom(period: Limit['period']): Limit['period'] {
  if (period === undefined || !('unit' in period)) return period;
  const { from: _from, ...rest } = period;
  return rest;
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

/** With whole names, then with ever shorter ones. */
function scopeSayings(per: readonly string[]): Sayings {
  const dimensions = per.map(parseDimension);
  const short = NAME_CHARS.map((charsMax) =>
    describeScope(dimensions.map((dimension) => withShortNames(dimension, charsMax))),
  );
  return [describeScope(dimensions), ...short];
}

/**
 * `once a week for each shopper`. What a refusal has no room for goes in this order: the steps, the part, the day from which
 * periods are counted, the ends of names.
 * @param stepMinor what parts are multiples of, in minor units
 */
export function limitSayings(limit: Limit, currency: string, stepMinor?: number): Sayings {
  const { per = [], period, partial = false } = limit;
  const quantity = quantityInWords(limit, per.includes('shopper'), currency);
  const isCountedInAll = period === undefined && quantity.startsWith('at most');
  const [scope, ...shortScopes] = scopeSayings(per);
  const saying = joined(quantity, isCountedInAll ? 'in all' : periodInWords(period), scope);
  const when = isCountedInAll ? 'in all' : periodInWords(withoutFrom(period));
  const short = [scope, ...shortScopes].map((names) => joined(quantity, when, names));
  if (!partial) return [saying, ...short];
  const steps = stepMinor === undefined ? '' : ` in steps of ${formatAmount(stepMinor, currency)}`;
  const part = `${saying}, the last one may be a part`;
  return [`${part}${steps}`, part, saying, ...short];
}

/** `no sooner than 30 seconds after the last one, for each shopper` */
export function cooldownSayings({ seconds, per = ['shopper'] }: Cooldown): Sayings {
  const wait = `no sooner than ${durationInWords(seconds)} after the last one`;
  const [scope, ...shortScopes] = scopeSayings(per);
  return [`${wait}, ${scope}`, ...shortScopes.map((short) => `${wait}, ${short}`)];
}

/** The whole sentence. */
export function describeLimit(limit: Limit, currency: string, stepMinor?: number): string {
  return limitSayings(limit, currency, stepMinor)[0];
}

/** The whole sentence. */
export function describeCooldown(cooldown: Cooldown): string {
  return cooldownSayings(cooldown)[0];
}
