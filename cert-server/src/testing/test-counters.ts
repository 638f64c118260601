/** For tests only: counters in memory, kept as a list of what was added. Slow and obvious; what a store has to agree with. */
import type { CounterIncrement, CounterQuery, CounterUsage, WindowRoom } from '../decision/counter-usage.js';
import { counterQueriesOf, countersOf } from '../decision/counters.js';
import { decide, type Verdict } from '../decision/decide.js';
import type { OfferVersion, Party } from '../decision/offer.js';

type Added = CounterIncrement & { readonly atMs: number };

export class TestCounters {
  readonly #added: Added[] = [];

  add(increments: readonly CounterIncrement[], atMs: number): void {
    for (const increment of increments) this.#added.push({ ...increment, atMs });
  }

  read({ key, windowMs, roomAtSums = [] }: CounterQuery, nowMs: number): CounterUsage {
    const live = this.#added.filter(
      (added) => added.key === key && (windowMs === undefined || added.atMs > nowMs - windowMs),
    );
    const used = live.reduce((sum, { amount }) => sum + amount, 0);
    const rooms = roomAtSums.flatMap((sum): [number, WindowRoom][] => {
      let left = used;
      const last = live.find(({ amount }) => {
        left -= amount;
        return left <= sum;
      });
      if (used <= sum || last === undefined || windowMs === undefined) return [];
      const atMs = last.atMs + windowMs;
      return [[sum, { withHeldAtMs: atMs, withoutHeldAtMs: atMs }]];
    });
    return { used, held: 0, ...(rooms.length === 0 ? {} : { rooms: new Map(rooms) }) };
  }

  /** Everything that a decision asks for. */
  usedBy(offer: OfferVersion, party: Party, nowMs: number): ReadonlyMap<string, CounterUsage> {
    const queries = counterQueriesOf(offer, countersOf(offer, party, nowMs));
    return new Map(queries.map((query) => [query.key, this.read(query, nowMs)]));
  }

  /** Decides, and counts what was granted. */
  decide(offer: OfferVersion, party: Party, nowMs: number): Verdict {
    const verdict = decide(offer, { party, used: this.usedBy(offer, party, nowMs) }, nowMs);
    if (verdict.granted) this.add(verdict.increments, nowMs);
    return verdict;
  }
}
