/**
 * What the limits of an offer mean, spelled out for the model. A tally says in plain data what is counted together; that two
 * limits count the same thing is that their tallies are the same text.
 */
import type { OfferVersion, Party } from '../decision/offer.js';
import type { CalendarPeriod, RollingPeriod } from '../decision/offer-rules.js';
import { dayBeginsMs, daySpanAt } from './model-calendar.js';

export type ModelLimit = {
  readonly tally: string;
  readonly maximum: number;
  readonly of: 'grants' | 'amount';
  readonly partial: boolean;
  /** The smallest part, and what every part is a multiple of. */
  readonly stepMinor: number;
  /** Of a rolling limit. */
  readonly windowMs: number | undefined;
  /** Of a period of the calendar. */
  readonly endsAtMs: number | undefined;
};

/** What every grant of the offer counts in, whatever its limits. */
export function totalTally(offer: string): string {
  return tallyOf({ offer, of: 'grants', members: [], period: 'for ever' });
}

function tallyOf(counted: {
  /** Undefined: over all offers of the programme. */
  readonly offer: string | undefined;
  readonly of: 'grants' | 'amount';
  readonly members: readonly string[];
  readonly period: string;
}): string {
  return JSON.stringify(counted);
}

/** `shopper.tier=gold` of a shopper who is silver: undefined, the limit is not for them. */
function memberText(dimension: string, offer: OfferVersion, party: Party): string | undefined {
  const [named = '', only] = dimension.split('=');
  const [kind, label] = named.split('.');
  let member: string | undefined;
  if (named === 'shopper') member = party.shopper;
  else if (named === 'touchpoint') member = party.touchpoint;
  else if (label === undefined) throw new Error(`no dimension: ${dimension}`);
  else if (kind === 'shopper') member = party.shopperLabels[label];
  else if (kind === 'touchpoint') member = party.touchpointLabels[label];
  else member = offer.keys[label];
  if (only !== undefined && only !== member) return undefined;
  return `${named}: ${member ?? 'none'}`;
}

type Span = { readonly name: string; readonly windowMs?: number; readonly endsAtMs?: number };

function spanOf(period: CalendarPeriod | RollingPeriod | undefined, nowMs: number, timeZone: string): Span {
  if (period === undefined) return { name: 'for ever' };
  if ('rollingS' in period)
    return { name: `the last ${period.rollingS} s`, windowMs: period.rollingS * 1_000 };
  const { first, next } = daySpanAt(period, nowMs, timeZone);
  const name = `${period.unit}s, ${next - first} days from day ${first}`;
  return { name, endsAtMs: dayBeginsMs(next, timeZone) };
}

/** The limits that hold for the party, limits before cool-downs. */
export function modelLimitsOf(offer: OfferVersion, party: Party, nowMs: number): ModelLimit[] {
  const timeZone = party.touchpointTimeZone ?? offer.timeZone;
  const cooldowns = (offer.rules.cooldowns ?? []).map(({ seconds, per = ['shopper'] }) => ({
    maximum: 1,
    per,
    period: { rollingS: seconds },
  }));
  const found: ModelLimit[] = [];
  for (const limit of [...(offer.rules.limits ?? []), ...cooldowns]) {
    const {
      maximum,
      of = 'grants',
      per = [],
      period,
      partial = false,
    } = { of: undefined, partial: undefined, ...limit };
    const members = per.map((dimension) => memberText(dimension, offer, party));
    if (members.includes(undefined)) continue;
    const { name, windowMs, endsAtMs } = spanOf(period, nowMs, timeZone);
    const isOverOffers = per.some((dimension) => dimension.startsWith('key.'));
    const tally = tallyOf({
      offer: isOverOffers ? undefined : offer.id,
      of,
      members: members.filter((member) => member !== undefined).sort(),
      period: name,
    });
    const { stepMinor = 1 } = offer.rules;
    found.push({ tally, maximum, of, partial, stepMinor, windowMs, endsAtMs });
  }
  return found;
}
