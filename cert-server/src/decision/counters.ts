/**
 * Which counters a request touches: one for each limit that holds for it, and the total of the offer. A counter's key says all
 * that it counts, and neither a maximum nor a version: changing an offer forgets nothing. docs/limits.md lists the keys.
 */
import { type CompiledLimit, compiledLimitsOf } from './compiled-limits.js';
import type { CounterQuery } from './counter-usage.js';
import { memberOf } from './dimension.js';
import { type OfferVersion, type Party, timeZoneOf } from './offer.js';
import { periodAt } from './periods.js';

/** All grants of an offer: counted whether it has a limit or not. */
export function totalKey(offer: string): string {
  return `offer/${offer}|grants`;
}

/** One limit, for this request. */
export type Counter = Omit<CounterQuery, 'roomAtSums'> & {
  readonly limit: CompiledLimit;
  /** Of a rolling limit: the sum at which it has room again. */
  readonly roomAtSum?: number;
  /** The instant after which nothing counts under this key; absent: never, or rolling. */
  readonly resetsAtMs?: number;
};

function counterOf(
  limit: CompiledLimit,
  offer: OfferVersion,
  party: Party,
  nowMs: number,
): Counter | undefined {
  let key = limit.keyStart;
  for (const dimension of limit.dimensions) {
    const member = memberOf(dimension, offer, party);
    if (dimension.value !== undefined && dimension.value !== member) return undefined;
    const { of, label } = dimension;
    key += `|${label === undefined ? of : `${of}.${label}`}/${member}`;
  }
  if (limit.windowMs !== undefined) {
    const want = limit.of === 'amount' ? offer.amountMinor : 1;
    const roomAtSum = Math.max(0, limit.maximum - (limit.stepMinor ?? want));
    return { key: `${key}|rolling/${limit.windowMs / 1_000}`, windowMs: limit.windowMs, roomAtSum, limit };
  }
  if (limit.period === undefined) return { key, limit };
  const period = periodAt(limit.period, nowMs, timeZoneOf(offer, party));
  return { key: `${key}|${period.key}`, resetsAtMs: period.resetsAtMs, limit };
}

/** A counter for each limit that holds for the party; two limits can share one. */
export function countersOf(offer: OfferVersion, party: Party, nowMs: number): readonly Counter[] {
  const counters: Counter[] = [];
  for (const limit of compiledLimitsOf(offer)) {
    const counter = counterOf(limit, offer, party, nowMs);
    if (counter !== undefined) counters.push(counter);
  }
  return counters;
}

/** What the store has to read for a decision: each key once, with the total of the offer. */
export function counterQueriesOf(offer: OfferVersion, counters: readonly Counter[]): readonly CounterQuery[] {
  const queries = new Map<string, CounterQuery>([[totalKey(offer.id), { key: totalKey(offer.id) }]]);
  for (const { key, windowMs, roomAtSum } of counters) {
    if (windowMs === undefined || roomAtSum === undefined) queries.set(key, { key });
    else {
      // Two rolling limits on one counter have room at different times.
      const before = queries.get(key)?.roomAtSums ?? [];
      const roomAtSums = before.includes(roomAtSum) ? before : [...before, roomAtSum];
      queries.set(key, { key, windowMs, roomAtSums });
    }
  }
  return [...queries.values()];
}
