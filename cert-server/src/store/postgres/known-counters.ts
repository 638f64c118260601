/**
 * Counters that are on record, as far as this process knows: they need not be inserted before they are locked. It may be
 * wrong, since upkeep forgets counters whose period is over; the lock finds fewer rows then, and nothing is decided.
 */
import { BoundedMap } from '../bounded-map.js';

const COUNTERS_KNOWN_MAX = 20_000;

/** Of these counters, not all were there to be locked. */
export class CountersGone extends Error {
  readonly keys: readonly string[];

  constructor(keys: readonly string[]) {
    super('a counter is not on record any more');
    this.keys = keys;
  }
}

export class KnownCounters {
  readonly #known = new BoundedMap<string, true>(COUNTERS_KNOWN_MAX);

  unknown(programme: string, keys: Iterable<string>): string[] {
    return [...keys].filter((key) => this.#known.get(`${programme}/${key}`) === undefined);
  }

  /** @param keys of counters that were committed */
  add(programme: string, keys: Iterable<string>): void {
    for (const key of keys) this.#known.set(`${programme}/${key}`, true);
  }

  forget(programme: string, keys: Iterable<string>): void {
    for (const key of keys) this.#known.delete(`${programme}/${key}`);
  }
}
