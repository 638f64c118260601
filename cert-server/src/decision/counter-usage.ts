/**
 * What a decision asks of the counters, what it is told, and what it adds. Counters are kept for each programme by a key that
 * says all they count; the key is the same for every version of an offer, so that a change of a maximum forgets nothing.
 */
export type CounterQuery = {
  readonly key: string;
  /** Of a rolling limit: only what was added within so many milliseconds counts. Absent: all under the key. */
  readonly windowMs?: number;
  /** Of a rolling limit: a sum at which there is room again, so that the store can tell when the window gets down to it. */
  readonly roomAtSum?: number;
};

export type CounterUsage = {
  /** Grants or minor units that count, a safe integer. */
  readonly used: number;
  /** Held by grants that their boxes have not confirmed; counts as used. */
  readonly held: number;
  /** When the first of those that are held ends; absent where nothing is. */
  readonly holdEndsAtMs?: number;
  /** Of a rolling limit that is above `roomAtSum`: when what was added leaves the window down to that sum. */
  readonly roomAtMs?: number;
};

export type CounterIncrement = {
  readonly key: string;
  /** 1, or minor units; never 0. */
  readonly amount: number;
  /** After that instant nothing counts under this key any more; absent: for ever. */
  readonly resetsAtMs?: number;
  /** Of a rolling limit: each increment is kept with its time. */
  readonly windowMs?: number;
};

/** Where the store has no row. */
export const NOTHING_USED: CounterUsage = Object.freeze({ used: 0, held: 0 });
