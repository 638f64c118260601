/** Reproducible bytes for tests (mulberry32). Never for keys outside of them. */
import type { Randomness } from '@tapseal/shared/crypto-port';

export function seededRandom(seed: number): Randomness & { below(limit: number): number } {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    randomBytes: (lengthBytes) => Uint8Array.from({ length: lengthBytes }, () => next() & 0xff),
    below: (limit) => next() % limit,
  };
}
