/** How full each limit is for one request, and whether there is room in it. Shared by the decision and its explanation. */

import { type CounterUsage, NOTHING_USED } from './counter-usage.js';
import type { Counter } from './counters.js';

export type LimitState = {
  readonly counter: Counter;
  /** Counted and held. */
  readonly used: number;
  readonly isFull: boolean;
  /** When there is room again, as far as it is known; absent: never, or not full. */
  readonly resetsAtMs?: number;
};

/** What a limit must have left: of an amount that can be a part, one step is enough. */
function wantOf({ limit }: Counter, amount: number): number {
  if (limit.of === 'grants') return 1;
  return Math.min(amount, limit.stepMinor ?? amount);
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

function resetOf(
  { resetsAtMs, roomAtSum, limit }: Counter,
  { used, holdEndsAtMs, rooms }: CounterUsage,
  want: number,
): number | undefined {
  if (roomAtSum === undefined) {
    // What is held can free its place before the period ends, unless what is counted alone leaves no room.
    return earlier(want <= limit.maximum - used ? holdEndsAtMs : undefined, resetsAtMs);
  }
  const room = rooms?.get(roomAtSum);
  // Of a rolling limit what is counted leaves no room for ever: then both have to go, a hold and enough of the rest.
  const freedAtMs =
    holdEndsAtMs === undefined ? undefined : Math.max(holdEndsAtMs, room?.withoutHeldAtMs ?? 0);
  return earlier(freedAtMs, room?.withHeldAtMs);
}

/**
 * What is left of an offer's amount under the limits that award a part, in whole steps. A limit that has no step left refuses,
 * and says nothing of the amount: the others are measured by what they would have to give once it has room again.
 */
export function awardOf(
  amountMinor: number,
  counters: readonly Counter[],
  used: ReadonlyMap<string, CounterUsage>,
): number {
  let award = amountMinor;
  for (const { key, limit } of counters) {
    const { stepMinor } = limit;
    if (stepMinor === undefined || limit.of !== 'amount') continue;
    const usage = used.get(key) ?? NOTHING_USED;
    const left = limit.maximum - (usage.used + usage.held);
    if (left >= stepMinor) award = Math.min(award, left - (left % stepMinor));
  }
  return award;
}

/** @param amount what the request adds to limits of an amount, in minor units */
export function measureLimits(
  counters: readonly Counter[],
  used: ReadonlyMap<string, CounterUsage>,
  amount: number,
): LimitState[] {
  return counters.map((counter) => {
    const usage = used.get(counter.key) ?? NOTHING_USED;
    const sum = usage.used + usage.held;
    const want = wantOf(counter, amount);
    // Subtraction of safe integers: the sum of a counter and a request could pass the last safe one.
    const isFull = want > counter.limit.maximum - sum;
    const resetsAtMs = isFull ? resetOf(counter, usage, want) : undefined;
    return { counter, used: sum, isFull, ...(resetsAtMs === undefined ? {} : { resetsAtMs }) };
  });
}
