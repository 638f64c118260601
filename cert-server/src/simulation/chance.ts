/** The chance of a simulation: seeded, so that a seed replays a run. Mulberry32 (Tommy Ettinger, public domain). Not for keys. */
export class Chance {
  #state: number;

  /** @param seed an integer; its low 32 bits count */
  constructor(seed: number) {
    // Seeds one after another would begin alike.
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  }

  /** 0 (included) to 1 (excluded). */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.unit() * (to - from + 1));
  }

  /** True so often, on the average. */
  often(probability: number): boolean {
    return this.unit() < probability;
  }

  /** @throws RangeError where there is nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    const index = this.whole(0, choices.length - 1);
    if (index < 0 || !(index in choices)) throw new RangeError('nothing to choose from');
    return choices[index] as T;
  }

  /** Up to `countMax` of them, in their order. */
  some<T>(choices: readonly T[], countMax: number): T[] {
    const count = Math.min(countMax, choices.length);
    return this.shuffled(choices.map((_, index) => index))
      .slice(0, count)
      .sort((a, b) => a - b)
      .map((index) => choices[index] as T);
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, order: this.unit() }))
      .sort((a, b) => a.order - b.order)
      .map(({ value }) => value);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.whole(0, 255));
  }
}
