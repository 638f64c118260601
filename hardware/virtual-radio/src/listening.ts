// When a scanner or initiator has its receiver on: one window in each interval, one advertising channel after
// the other (Core specification, Vol 6 Part B, 4.4.3).

export class Listening {
  readonly #startMs: number;
  readonly #intervalMs: number;
  readonly #windowMs: number;

  /** `interval`, `window`: units of 0.625 ms, as in HCI. */
  constructor(startMs: number, interval: number, window: number) {
    this.#startMs = startMs;
    this.#intervalMs = interval * 0.625;
    this.#windowMs = window * 0.625;
  }

  /** `channel`: 0 to 2, for the advertising channels 37 to 39. */
  hears(channel: number, timeMs: number): boolean {
    const sinceMs = timeMs - this.#startMs;
    if (sinceMs < 0) return false;
    const count = Math.floor(sinceMs / this.#intervalMs);
    return count % 3 === channel && sinceMs - count * this.#intervalMs < this.#windowMs;
  }
}

/** Interval and window in the range of HCI (0x0004 to 0x4000), the window not longer than the interval. */
export function isListeningValid(interval: number, window: number): boolean {
  return window >= 4 && window <= interval && interval <= 0x4000;
}
