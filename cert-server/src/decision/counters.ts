/** Which counters of an offer a request touches: named, so that the decision needs to know nothing of how they are kept. */
import type { OfferVersion } from './offer.js';
import { type PeriodName, periodAt } from './periods.js';

/** The counter of all grants of an offer; kept whether the offer has a maximum or not. */
export const TOTAL_COUNTER = 'total';

export type Counter = {
  /** Unique within the offer: `total`, or `shopper/<id>/week/2026-W47`. */
  readonly key: string;
  /** The rule in words: `once a week for each shopper`. */
  readonly rule: string;
  /** Absent: counted, but not limited. */
  readonly maximum?: number;
  /** Milliseconds since 1970; absent: never. */
  readonly resetsAtMs?: number;
};

const perShopper = { day: 'perDay', week: 'perWeek', month: 'perMonth' } as const;

export function limitInWords(maximum: number, period: PeriodName): string {
  const times = maximum === 1 ? 'once' : maximum === 2 ? 'twice' : `${maximum} times`;
  return `${times} a ${period} for each shopper`;
}

/** The total, then day, week and month of the shopper, where the offer limits them. */
export function countersOf(offer: OfferVersion, shopper: string, nowMs: number): Counter[] {
  const { max } = offer.rules;
  const counters: Counter[] = [
    max === undefined
      ? { key: TOTAL_COUNTER, rule: 'all' }
      : { key: TOTAL_COUNTER, rule: `at most ${max} in all`, maximum: max },
  ];
  for (const name of ['day', 'week', 'month'] as const) {
    const maximum = offer.rules[perShopper[name]];
    if (maximum === undefined) continue;
    const { key, resetsAtMs } = periodAt(name, nowMs, offer.timeZone);
    counters.push({
      key: `shopper/${shopper}/${name}/${key}`,
      rule: limitInWords(maximum, name),
      maximum,
      resetsAtMs,
    });
  }
  return counters;
}
