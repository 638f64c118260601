/**
 * What a decision asks of the counters, what it is told, and what it adds. Counters are kept for each programme by a key that
 * says all they count; the key is the same for every version of an offer, so that a change of a maximum forgets nothing.
 */
export type CounterQuery = {
  readonly key: string;
  /** Of a rolling limit: only what was added within so many milliseconds counts. Absent: all under the key. */
  readonly windowMs?: number;
  /** Of rolling limits: sums at which each has room again, so that the store can tell when the window gets down to them. */
  readonly roomAtSums?: readonly number[];
};

/** When a rolling window that is too full gets down to a sum, if nothing is added. */
export type WindowRoom = {
  /** With all that is held now; absent where that alone is more. */
  readonly withHeldAtMs?: number;
  /** With nothing of what is held; absent where it is down to the sum already. */
  readonly withoutHeldAtMs?: number;
};

export type CounterUsage = {
  /** Grants or minor units that count, a safe integer. */
  readonly used: number;
  /** Held by grants that their boxes have not confirmed; counts as used. */
  readonly held: number;
  /** When the first of those that are held ends; absent where nothing is. */
  readonly holdEndsAtMs?: number;
  /** By those of `roomAtSums` that what is used and held is above. */
  readonly rooms?: ReadonlyMap<number, WindowRoom>;
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
