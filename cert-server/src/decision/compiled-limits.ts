/**
 * The limits of an offer version made ready: what does not depend on who asks or when. Derived from the version alone and
 * kept with it, so that a decision does no work twice.
 */
import { describeCooldown, describeLimit } from './describe-limit.js';
import { type Dimension, parseDimension } from './dimension.js';
import type { OfferVersion } from './offer.js';
import type { CalendarPeriod } from './offer-rules.js';

export type CompiledLimit = {
  /** In words, at most REFUSAL_RULE_BYTES_MAX bytes. */
  readonly rule: string;
  readonly maximum: number;
  readonly of: 'grants' | 'amount';
  readonly dimensions: readonly Dimension[];
  readonly period: CalendarPeriod | undefined;
  readonly windowMs: number | undefined;
  /** Awards parts that are multiples of so many minor units; undefined: the whole amount or nothing. */
  readonly stepMinor: number | undefined;
  /** First part of its counters' keys: the offer, or the keys of offers that it counts over; then what it counts. */
  readonly keyStart: string;
};

function keyStartOf(offer: OfferVersion, of: 'grants' | 'amount', dimensions: readonly Dimension[]): string {
  const isOverOffers = dimensions.some((dimension) => dimension.of === 'key');
  return `${isOverOffers ? 'keys' : `offer/${offer.id}`}|${of}`;
}

/** In one order, whatever the operator's: values are no part of it, so that a group and all groups share their counters. */
function readDimensions(per: readonly string[]): readonly Dimension[] {
  const nameOf = ({ of, label = '' }: Dimension): string => `${of}.${label}`;
  return per.map(parseDimension).sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function compile(offer: OfferVersion): readonly CompiledLimit[] {
  const { limits = [], cooldowns = [], stepMinor } = offer.rules;
  const compiledLimits = limits.map((limit): CompiledLimit => {
    const { maximum, of = 'grants', per = [], period, partial = false } = limit;
    const dimensions = readDimensions(per);
    return {
      rule: describeLimit(limit, offer.currency, stepMinor),
      maximum,
      of,
      dimensions,
      period: period !== undefined && 'unit' in period ? period : undefined,
      windowMs: period !== undefined && 'rollingS' in period ? period.rollingS * 1_000 : undefined,
      stepMinor: partial ? (stepMinor ?? 1) : undefined,
      keyStart: keyStartOf(offer, of, dimensions),
    };
  });
  const compiledCooldowns = cooldowns.map((cooldown): CompiledLimit => {
    const dimensions = readDimensions(cooldown.per ?? ['shopper']);
    return {
      rule: describeCooldown(cooldown),
      maximum: 1,
      of: 'grants',
      dimensions,
      period: undefined,
      windowMs: cooldown.seconds * 1_000,
      stepMinor: undefined,
      keyStart: keyStartOf(offer, 'grants', dimensions),
    };
  });
  return [...compiledLimits, ...compiledCooldowns];
}

const compiled = new WeakMap<OfferVersion, readonly CompiledLimit[]>();

export function compiledLimitsOf(offer: OfferVersion): readonly CompiledLimit[] {
  const known = compiled.get(offer);
  if (known !== undefined) return known;
  const limits = compile(offer);
  compiled.set(offer, limits);
  return limits;
}

/** What a limit counts, as a text: two limits with the same one share all their counters. */
export function countedBy({ keyStart, dimensions, period, windowMs }: CompiledLimit): string {
  const { unit, every = 1, weekStart = 'mon', from } = period ?? {};
  return JSON.stringify([
    keyStart,
    dimensions,
    windowMs ?? null,
    unit ?? null,
    every,
    weekStart,
    from ?? null,
  ]);
}
