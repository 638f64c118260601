/** What every phase of the server benchmark gets. */
import type { SeededRandom } from '@tapseal/virtual-radio/seeded-random';
import type { Crowd } from './crowd.js';
import type { Installation } from './installation.js';

export type BenchOptions = {
  /** Redemptions in each timed round of a closed loop. */
  readonly taps: number;
  /** Length of each timed round of an open loop. */
  readonly seconds: number;
  readonly rounds: number;
  readonly crowd: Crowd;
  readonly growth: {
    readonly smallVouchers: number;
    readonly largeVouchers: number;
    readonly shoppers: number;
    /** A folder that keeps the large installation from one run to the next; undefined: made anew, thrown away. */
    readonly keepFolder: string | undefined;
  };
};

export type BenchContext = {
  readonly options: BenchOptions;
  /** On a real disk: a file system in memory would make durability free. */
  readonly folder: string;
  /** With the crowd enrolled and nothing granted; nobody starts a server on it, all copy it. */
  readonly template: Installation;
  readonly random: SeededRandom;
  progress(text: string): void;
};

/** Requests that are on their way at once, at most. */
export const CONNECTIONS = 64;
