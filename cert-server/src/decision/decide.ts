/**
 * The decision: a pure function of the offer, what is used, and the time. No clock, no store: a seed replays it, and the
 * store calls it between reading and writing. Two named steps: windows, limits.
 */
import { type Counter, countersOf } from './counters.js';
import { describeWindow } from './describe-offer.js';
import type { OfferVersion } from './offer.js';
import { checkWindows } from './windows.js';

export type Usage = {
  /** Opaque id of the shopper that the limits count. */
  readonly shopper: string;
  /** Counter key → count; 0 where absent. */
  readonly used: ReadonlyMap<string, number>;
};

export type RuleRefusal = {
  readonly granted: false;
  readonly code: 'offer_not_started' | 'offer_ended' | 'window_closed' | 'limit_reached';
  /** In words, at most 120 characters. */
  readonly rule: string;
  /** Both 0 where the rule does not count. */
  readonly used: number;
  readonly maximum: number;
  /** Milliseconds since 1970; absent: never. */
  readonly resetsAtMs?: number;
};

export type Verdict = { readonly granted: true; readonly increments: readonly Counter[] } | RuleRefusal;

function windows(offer: OfferVersion, nowMs: number): RuleRefusal | undefined {
  const verdict = checkWindows(offer, nowMs);
  if (verdict.open) return undefined;
  const { code, resetsAtMs } = verdict;
  return {
    granted: false,
    code,
    rule: describeWindow(offer, code),
    used: 0,
    maximum: 0,
    ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
  };
}

/** Of several full counters the one that resets last is named: before that, trying again is in vain. */
function limits(counters: readonly Counter[], used: ReadonlyMap<string, number>): RuleRefusal | undefined {
  let last: RuleRefusal | undefined;
  for (const { key, rule, maximum, resetsAtMs } of counters) {
    const count = used.get(key) ?? 0;
    if (maximum === undefined || count < maximum) continue;
    const resets = resetsAtMs ?? Number.POSITIVE_INFINITY;
    if (last !== undefined && (last.resetsAtMs ?? Number.POSITIVE_INFINITY) >= resets) continue;
    last = {
      granted: false,
      code: 'limit_reached',
      rule,
      used: count,
      maximum,
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    };
  }
  return last;
}

export function decide(offer: OfferVersion, usage: Usage, nowMs: number): Verdict {
  const counters = countersOf(offer, usage.shopper, nowMs);
  return windows(offer, nowMs) ?? limits(counters, usage.used) ?? { granted: true, increments: counters };
}
