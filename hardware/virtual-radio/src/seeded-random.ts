// Seeded pseudo-random numbers (sfc32 by Chris Doty-Humphrey, public domain): all chance on the air comes from
// one of these, so that a seed replays a run. Not for keys.

export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `seed`: any integer; only its low 32 bits count. */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = 0x9e3779b9;
    this.#c = 0x243f6a88;
    for (let i = 0; i < 15; i++) this.uint32();
  }

  /** 0 to 2^32-1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** 0 (included) to 1 (excluded). */
  unit(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** Normal distribution, mean 0, standard deviation 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.unit()));
    return radius * Math.cos(2 * Math.PI * this.unit());
  }

  /** Exponential distribution. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.unit());
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = this.uint32() & 0xff;
    return bytes;
  }
}
