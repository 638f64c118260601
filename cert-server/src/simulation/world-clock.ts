/** The clock of a simulated world. Servers prune what is older than a week: so far back no clock may jump, and this one does not. */
import type { Chance } from './chance.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** How far behind the latest time it can be set. */
export const BACK_MS_MAX = 3 * DAY_MS;
const TURN_MS_MAX = 10 * DAY_MS;
/** Between two servers. */
const SKEW_MS_MAX = 2 * SECOND_MS;

export class WorldClock {
  #nowMs: number;
  #latestMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
    this.#latestMs = startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** That any server has seen. */
  get latestMs(): number {
    return this.#latestMs;
  }

  /** What a server's own clock says, or said when it took the request. */
  seen(chance: Chance): number {
    const seenMs = chance.often(0.7) ? this.#nowMs : this.#nowMs + chance.whole(-SKEW_MS_MAX, SKEW_MS_MAX);
    this.#latestMs = Math.max(this.#latestMs, seenMs);
    return seenMs;
  }

  /**
   * Most often a little, sometimes by hours or days, sometimes back; or to the millisecond at which something turns.
   * @param turns instants of holds that end, windows that move on, periods that begin
   */
  move(chance: Chance, turns: readonly number[]): void {
    const near = turns.filter((atMs) => Math.abs(atMs - this.#nowMs) < TURN_MS_MAX);
    if (near.length > 0 && chance.often(0.15)) {
      this.#set(chance.pick(near) + chance.whole(-1, 1));
      return;
    }
    const steps = [
      [0.5, () => chance.whole(0, 3 * SECOND_MS)],
      [0.8, () => chance.whole(SECOND_MS, 900 * SECOND_MS)],
      [0.9, () => chance.whole(HOUR_MS, 26 * HOUR_MS)],
      [0.93, () => chance.whole(2 * DAY_MS, 40 * DAY_MS)],
      [1, () => -chance.whole(1, chance.pick([5 * SECOND_MS, HOUR_MS, 2 * DAY_MS]))],
    ] as const;
    const draw = chance.unit();
    const [, step] = steps.find(([below]) => draw < below) ?? steps[0];
    this.#set(this.#nowMs + step());
  }

  #set(nowMs: number): void {
    this.#nowMs = Math.max(nowMs, this.#latestMs - BACK_MS_MAX);
    this.#latestMs = Math.max(this.#latestMs, this.#nowMs);
  }
}
