/** Many seeds, one after another, on data that is begun anew before it grows. */
import type { SimulatedDisk } from './simulated-disk.js';
import { type SimulationCounts, simulate } from './simulation.js';

const SEEDS_A_DISK = 16;

/**
 * @param onSeed told after each
 * @throws Error of the first seed that fails, with how to see it again
 */
export async function runSeeds(
  seeds: { readonly from: number; readonly count: number },
  openDisk: () => Promise<SimulatedDisk> | SimulatedDisk,
  onSeed: (done: number) => void = () => {},
): Promise<SimulationCounts> {
  const total = { granted: 0, refused: 0, crashes: 0 };
  for (let done = 0; done < seeds.count; ) {
    const disk = await openDisk();
    try {
      for (const end = Math.min(seeds.count, done + SEEDS_A_DISK); done < end; onSeed(done)) {
        const { granted, refused, crashes } = await simulate(seeds.from + done, disk);
        total.granted += granted;
        total.refused += refused;
        total.crashes += crashes;
        done += 1;
      }
    } finally {
      await disk.close();
    }
  }
  return total;
}
