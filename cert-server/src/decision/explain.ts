/**
 * Why an offer says yes or no to a party at a time, rule by rule: what `tapseal offer explain` and a dry run tell. Out of the
 * same functions as the decision, so that they cannot differ.
 */

import { NOTHING_USED } from './counter-usage.js';
import { type Counter, countersOf } from './counters.js';
import { decide, type Usage, type Verdict } from './decide.js';
import { openingPhrases } from './describe-windows.js';
import { awardOf, measureLimits } from './measure-limits.js';
import { type OfferVersion, timeZoneOf } from './offer.js';
import { checkWindows } from './windows.js';

export type ExplainedWindow = {
  readonly open: boolean;
  /** When the offer is open, in words. */
  readonly sentence: string;
  /** Milliseconds since 1970: when it opens next; absent where it is open or never opens. */
  readonly resetsAtMs?: number;
};

export type ExplainedLimit = {
  /** In words, whole. */
  readonly rule: string;
  readonly of: 'grants' | 'amount';
  /** Grants or minor units. */
  readonly used: number;
  readonly held: number;
  readonly maximum: number;
  /** 0 where more is used than a lowered maximum allows. */
  readonly left: number;
  /** Refuses the next request. */
  readonly full: boolean;
  /** Of a calendar period its end; of a full limit when there is room again; absent: never, or not known. */
  readonly resetsAtMs?: number;
};

export type Explanation = {
  /** Names a limit by its whole sentence, of which a refusal has room for the beginning alone. */
  readonly verdict: Verdict;
  readonly window: ExplainedWindow;
  readonly limits: readonly ExplainedLimit[];
};

function explainWindow(offer: OfferVersion, timeZone: string, nowMs: number): ExplainedWindow {
  const verdict = checkWindows(offer, timeZone, nowMs);
  const { validFrom, validTo } = offer.rules;
  const phrases = [
    ...openingPhrases(offer.rules),
    ...(validFrom === undefined ? [] : [`valid from ${validFrom}`]),
    ...(validTo === undefined ? [] : [`valid to ${validTo}`]),
  ];
  return {
    open: verdict.open,
    sentence: phrases.length === 0 ? 'at all times' : `${phrases.join(', ')} (${timeZone})`,
    ...(verdict.open || verdict.resetsAtMs === undefined ? {} : { resetsAtMs: verdict.resetsAtMs }),
  };
}

function inWhole(verdict: Verdict, counters: readonly Counter[]): Verdict {
  if (verdict.granted || verdict.code !== 'limit_reached') return verdict;
  const refusing = counters.find(({ limit }) => limit.rule === verdict.rule);
  return refusing === undefined ? verdict : { ...verdict, rule: refusing.limit.sentence };
}

/** @param usage as for `decide` */
export function explain(offer: OfferVersion, usage: Usage, nowMs: number): Explanation {
  const timeZone = timeZoneOf(offer, usage.party);
  const verdict = decide(offer, usage, nowMs);
  const counters = countersOf(offer, usage.party, nowMs);
  const award = awardOf(offer.amountMinor, counters, usage.used);
  const states = measureLimits(counters, usage.used, award);
  const limits = states.map(({ counter, used: sum, isFull, resetsAtMs: roomAtMs }): ExplainedLimit => {
    const { limit, key } = counter;
    const { used, held } = usage.used.get(key) ?? NOTHING_USED;
    const resetsAtMs = isFull ? roomAtMs : counter.resetsAtMs;
    return {
      rule: limit.sentence,
      of: limit.of,
      used,
      held,
      maximum: limit.maximum,
      left: Math.max(0, limit.maximum - sum),
      full: isFull,
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    };
  });
  return { verdict: inWhole(verdict, counters), window: explainWindow(offer, timeZone, nowMs), limits };
}
