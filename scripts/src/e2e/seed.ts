/** The seed of a test file: fixed, so that a failure repeats; another one by TAPSEAL_E2E_SEED. Printed by whoever uses it. */
import { SeededRandom } from '@tapseal/virtual-radio/seeded-random';

export type Seeded = { readonly seed: number; readonly random: SeededRandom };

export function seeded(file: string, seedDefault: number): Seeded {
  const seed = Number(process.env.TAPSEAL_E2E_SEED ?? seedDefault);
  console.log(`${file}: seed ${seed} (TAPSEAL_E2E_SEED)`);
  return { seed, random: new SeededRandom(seed) };
}

/** `count` different whole numbers below `end`, ascending; all of them where there are no more. */
export function sample(random: SeededRandom, count: number, end: number): number[] {
  const all = Array.from({ length: end }, (_, value) => value);
  for (let i = 0; i < Math.min(count, end); i++) {
    const other = i + Math.floor(random.unit() * (end - i));
    const [a = 0, b = 0] = [all[i], all[other]];
    all[i] = b;
    all[other] = a;
  }
  return all.slice(0, count).sort((a, b) => a - b);
}

export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
  return copy;
}
