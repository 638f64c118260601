/**
 * The limits of an offer version made ready: what does not depend on who asks or when. Derived from the version alone and
 * kept with it, so that a decision does no work twice.
 */
import { cooldownSayings, limitSayings } from './describe-limit.js';
import { type Dimension, parseDimension } from './dimension.js';
import { fitRules } from './fit-rule.js';
import type { OfferVersion } from './offer.js';
import type { CalendarPeriod } from './offer-rules.js';
import { periodPhase } from './period-phase.js';

export type CompiledLimit = {
  /** In words, whole, for operators. */
  readonly sentence: string;
  /** In words, at most REFUSAL_RULE_BYTES_MAX bytes: what a refusal names. Another one for each limit of the offer. */
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

type Counted = Omit<CompiledLimit, 'sentence' | 'rule'>;

function compile(offer: OfferVersion): readonly CompiledLimit[] {
  const { limits = [], cooldowns = [], stepMinor } = offer.rules;
  const countedLimits = limits.map((limit): Counted => {
    const { maximum, of = 'grants', per = [], period, partial = false } = limit;
    const dimensions = readDimensions(per);
    return {
      maximum,
      of,
      dimensions,
      period: period !== undefined && 'unit' in period ? period : undefined,
      windowMs: period !== undefined && 'rollingS' in period ? period.rollingS * 1_000 : undefined,
      stepMinor: partial ? (stepMinor ?? 1) : undefined,
      keyStart: keyStartOf(offer, of, dimensions),
    };
  });
  const countedCooldowns = cooldowns.map((cooldown): Counted => {
    const dimensions = readDimensions(cooldown.per ?? ['shopper']);
    return {
      maximum: 1,
      of: 'grants',
      dimensions,
      period: undefined,
      windowMs: cooldown.seconds * 1_000,
      stepMinor: undefined,
      keyStart: keyStartOf(offer, 'grants', dimensions),
    };
  });
  const sayings = [
    ...limits.map((limit) => limitSayings(limit, offer.currency, stepMinor)),
    ...cooldowns.map(cooldownSayings),
  ];
  const rules = fitRules(sayings);
  return [...countedLimits, ...countedCooldowns].map((counted, index) => {
    const sentence = sayings[index]?.[0] ?? '';
    return { sentence, rule: rules[index] ?? sentence, ...counted };
  });
}

const compiled = new WeakMap<OfferVersion, readonly CompiledLimit[]>();

export function compiledLimitsOf(offer: OfferVersion): readonly CompiledLimit[] {
  const known = compiled.get(offer);
  if (known !== undefined) return known;
  const limits = compile(offer);
  compiled.set(offer, limits);
  return limits;
}

/**
 * What a limit counts, as a text: the same for two limits exactly where they share all their counters. Of a key its value is no
 * part of it, since the offer carries but one.
 */
export function countedBy({ keyStart, dimensions, period, windowMs }: CompiledLimit): string {
  const members = dimensions.map(({ of, label, value }) => [of, label, of === 'key' ? undefined : value]);
  return JSON.stringify([keyStart, members, windowMs, period && periodPhase(period)]);
}
