/**
 * The decision: a pure function of the offer version, what is used, and the time. No clock, no store, no I/O: a seed replays it,
 * and the store calls it between reading and writing. Named steps: windows, part, limits. All hold together or nothing is added.
 */
import type { CounterIncrement, CounterUsage } from './counter-usage.js';
import { type Counter, countersOf, totalKey } from './counters.js';
import { describeWindows } from './describe-windows.js';
import { awardOf, type LimitState, measureLimits } from './measure-limits.js';
import { type OfferVersion, type Party, timeZoneOf } from './offer.js';
import { checkWindows } from './windows.js';

export type Usage = {
  readonly party: Party;
  /** By counter key; nothing used where absent. */
  readonly used: ReadonlyMap<string, CounterUsage>;
};

export type RuleRefusal = {
  readonly granted: false;
  readonly code: 'offer_not_started' | 'offer_ended' | 'window_closed' | 'limit_reached';
  /** In words, at most REFUSAL_RULE_BYTES_MAX bytes. */
  readonly rule: string;
  /** Counted and held, and the maximum: grants or minor units; both 0 where the rule does not count. */
  readonly used: number;
  readonly maximum: number;
  /** Milliseconds since 1970; absent: never. */
  readonly resetsAtMs?: number;
};

export type RuleGrant = {
  readonly granted: true;
  /** At most the amount of the offer; less only where a limit awards a part. */
  readonly awardedMinor: number;
  /** Each key once. */
  readonly increments: readonly CounterIncrement[];
  /** The increments are held until then, and count when the box confirms; absent: they count at once. */
  readonly holdEndsAtMs?: number;
};

export type Verdict = RuleGrant | RuleRefusal;

function refuseByWindow(offer: OfferVersion, timeZone: string, nowMs: number): RuleRefusal | undefined {
  const verdict = checkWindows(offer, timeZone, nowMs);
  if (verdict.open) return undefined;
  const { code, resetsAtMs } = verdict;
  return {
    granted: false,
    code,
    rule: describeWindows(offer, code),
    used: 0,
    maximum: 0,
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
  };
}

/** Of several full limits the one that resets last is named: before that, trying again is in vain. */
function refuseByLimit(states: readonly LimitState[]): RuleRefusal | undefined {
  const never = Number.POSITIVE_INFINITY;
  let last: LimitState | undefined;
  for (const state of states) {
    if (!state.isFull) continue;
    if (last === undefined || (state.resetsAtMs ?? never) > (last.resetsAtMs ?? never)) last = state;
  }
  if (last === undefined) return undefined;
  const { counter, used, resetsAtMs } = last;
  return {
    granted: false,
    code: 'limit_reached',
    rule: counter.limit.rule,
    used,
    maximum: counter.limit.maximum,
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
  };
}

function incrementsOf(
  offer: OfferVersion,
  counters: readonly Counter[],
  awardedMinor: number,
  nowMs: number,
): readonly CounterIncrement[] {
  const total = totalKey(offer.id);
  const increments = new Map<string, CounterIncrement>([[total, { key: total, amount: 1 }]]);
  for (const { key, limit, windowMs, resetsAtMs = windowMs && nowMs + windowMs } of counters) {
    const amount = limit.of === 'amount' ? awardedMinor : 1;
    if (amount === 0) continue;
    increments.set(key, {
      key,
      amount,
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
      ...(windowMs === undefined ? {} : { windowMs }),
    });
  }
  return [...increments.values()];
}

export function decide(offer: OfferVersion, { party, used }: Usage, nowMs: number): Verdict {
  const closed = refuseByWindow(offer, timeZoneOf(offer, party), nowMs);
  if (closed !== undefined) return closed;
  const counters = countersOf(offer, party, nowMs);
  const awardedMinor = awardOf(offer.amountMinor, counters, used);
  const full = refuseByLimit(measureLimits(counters, used, awardedMinor));
  if (full !== undefined) return full;
  const { spend } = offer.rules;
  return {
    granted: true,
    awardedMinor,
    increments: incrementsOf(offer, counters, awardedMinor, nowMs),
    ...(spend?.when === 'confirmed' ? { holdEndsAtMs: nowMs + spend.holdS * 1_000 } : {}),
  };
}
