/** Real cryptography with randomness from a seed, so that a test repeats itself exactly. For tests. */
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { CryptoPort } from '@tapseal/shared/crypto-port';

/** Mulberry32: small, and good enough to tell values apart. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function seededCrypto(seed: number): CryptoPort {
  const next = seededNumbers(seed);
  return {
    ...createNativeCrypto(),
    randomBytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}
