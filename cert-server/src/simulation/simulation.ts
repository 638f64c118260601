/**
 * A simulated life of one programme: a seed draws the world, and what happens in it, step by step; whatever the server answers
 * is held against the model. Phones retry, send twice and late, and replay what boxes said; receipts come in any order, twice, or
 * never; offers and labels change; servers crash inside a write, and between a write and its answers; clocks differ by seconds,
 * jump ahead by weeks, and back by days.
 */
import type { Store } from '../store/store-port.js';
import { Burst } from './burst.js';
import { Chance } from './chance.js';
import { checkEverything } from './check-everything.js';
import { Ledger } from './ledger.js';
import { Model } from './model.js';
import { operatorSteps } from './operator-steps.js';
import type { Simulated } from './simulated.js';
import type { SimulatedDisk } from './simulated-disk.js';
import { makeWorld } from './simulated-world.js';
import { WorldClock } from './world-clock.js';

export type SimulationCounts = { granted: number; refused: number; crashes: number };

const NOTES_TOLD = 25;

async function live(seed: number, disk: SimulatedDisk, notes: string[]): Promise<SimulationCounts> {
  const chance = new Chance(seed);
  const model = new Model();
  const store = (): Store => chance.pick(disk.stores);
  const { world, offers } = await makeWorld(store(), chance, `seed-${seed}`);
  for (const version of offers) {
    model.offers.set(version.id, { version, paused: false });
    notes.push(JSON.stringify(version));
  }
  const clock = new WorldClock(world.startMs);
  const ledger = new Ledger(model, disk.isOrdered);
  const note = (text: string): void => {
    notes.push(`${new Date(clock.nowMs).toISOString()} ${text}`);
  };
  const simulated: Simulated = { disk, chance, clock, world, ledger, store, note };

  const burst = new Burst(simulated);
  const operator = operatorSteps(simulated);
  for (let step = chance.whole(3, 12); step > 0; step--) {
    clock.move(chance, ledger.turns());
    if (chance.often(0.7)) await burst.run();
    else await chance.pick(operator)();
  }
  await checkEverything(simulated);
  const decisions = [...ledger.decisions.values()];
  const granted = decisions.filter((decision) => decision.granted).length;
  return { granted, refused: decisions.length - granted, crashes: burst.crashes };
}

/** @throws Error with the seed, how to see it again, what happened before, and where model and server differ */
export async function simulate(seed: number, disk: SimulatedDisk): Promise<SimulationCounts> {
  const notes: string[] = [];
  try {
    return await live(seed, disk, notes);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    const story = notes.slice(-NOTES_TOLD).join('\n');
    const again = `npm run simulate -- --from ${seed} --seeds 1${disk.isOrdered ? '' : ' --database <address of an empty one>'}`;
    throw new Error(`seed ${seed} (${again}): ${said}\n${story}`, { cause: error });
  }
}
