/** What the schema of limits and cool-downs cannot say: a new version whose limits contradict it or each other is refused. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { LIMIT_MAX } from '../http/admin-bounds.js';
import { dayOfDate } from './calendar-day.js';
import { compiledLimitsOf, countedBy } from './compiled-limits.js';
import { parseDimension } from './dimension.js';
import { formatAmount } from './format-amount.js';
import type { OfferVersion } from './offer.js';
import type { CalendarPeriod, Limit } from './offer-rules.js';

function refuse(field: string, why: string): never {
  throw new TapsealError('body_invalid', `rules.${field}: ${why}`);
}

function checkDimensions({ keys }: OfferVersion, field: string, per: readonly string[]): void {
  const names = new Set<string>();
  for (const [index, text] of per.entries()) {
    const { of, label, value } = parseDimension(text);
    const name = label === undefined ? of : `${of}.${label}`;
    if (names.has(name)) refuse(`${field}.per[${index}]`, `names ${name} twice`);
    names.add(name);
    if (of !== 'key' || label === undefined) continue;
    const carried = Object.hasOwn(keys, label) ? keys[label] : undefined;
    if (carried === undefined) refuse(`${field}.per[${index}]`, `the offer carries no key ${label}`);
    if (value !== undefined && value !== carried) {
      refuse(`${field}.per[${index}]`, `the offer carries ${label}=${carried}`);
    }
  }
}

function checkPeriod(field: string, { unit, every = 1, weekStart, from }: CalendarPeriod): void {
  if (weekStart !== undefined && unit !== 'week') refuse(`${field}.weekStart`, 'only of weeks');
  if (from === undefined) return;
  if (dayOfDate(from) === undefined) refuse(`${field}.from`, 'no such date');
  if (every === 1) refuse(`${field}.from`, 'only where every is 2 or more');
}

function checkAmount(offer: OfferVersion, field: string, { maximum, partial = false }: Limit): void {
  const { amountMinor, currency } = offer;
  const { stepMinor = 1 } = offer.rules;
  if (amountMinor === 0) refuse(`${field}.of`, 'the offer is free, and has no amount to limit');
  if (!partial && maximum < amountMinor) {
    refuse(
      `${field}.maximum`,
      `less than the ${formatAmount(amountMinor, currency)} of the offer, so that it could never be granted`,
    );
  }
  if (partial && maximum < stepMinor) {
    refuse(
      `${field}.maximum`,
      `less than one step of ${formatAmount(stepMinor, currency)}, so that it could never be granted`,
    );
  }
}

function checkStep({ rules, amountMinor, currency }: OfferVersion): void {
  const { stepMinor, limits = [] } = rules;
  if (stepMinor === undefined) return;
  if (!limits.some(({ partial }) => partial)) refuse('stepMinor', 'only where a limit awards a part');
  if (amountMinor % stepMinor !== 0) {
    refuse('stepMinor', `the ${formatAmount(amountMinor, currency)} of the offer are no multiple of it`);
  }
}

function checkLimit(offer: OfferVersion, field: string, limit: Limit): void {
  const { maximum, of = 'grants', per = [], period, partial } = limit;
  checkDimensions(offer, field, per);
  if (period !== undefined && 'unit' in period) checkPeriod(`${field}.period`, period);
  if (of === 'amount') {
    checkAmount(offer, field, limit);
    return;
  }
  if (partial !== undefined) refuse(`${field}.partial`, 'only of an amount');
  if (maximum > LIMIT_MAX) refuse(`${field}.maximum`, `at most ${LIMIT_MAX} grants`);
}

/** @throws TapsealError body_invalid naming the field */
export function checkLimitRules(offer: OfferVersion): void {
  const { limits = [], cooldowns = [] } = offer.rules;
  const fields = [
    ...limits.map((_, index) => `limits[${index}]`),
    ...cooldowns.map((_, index) => `cooldowns[${index}]`),
  ];
  for (const [index, limit] of limits.entries()) checkLimit(offer, `limits[${index}]`, limit);
  for (const [index, { per = [] }] of cooldowns.entries()) {
    checkDimensions(offer, `cooldowns[${index}]`, per);
  }
  checkStep(offer);
  // Of two that count the same, the looser one would never say anything.
  const seen = new Map<string, string>();
  for (const [index, counted] of compiledLimitsOf(offer).map(countedBy).entries()) {
    const field = fields[index] ?? '';
    const before = seen.get(counted);
    if (before !== undefined) refuse(field, `counts the same as rules.${before}`);
    seen.set(counted, field);
  }
}
