import { expect, test } from 'vitest';
import { runSeeds } from './run-seeds.js';
import { SimulatedSqlite } from './simulated-sqlite.js';

const count = Number(process.env.SIMULATION_SEEDS ?? 10_000);
const from = Number(process.env.SIMULATION_FROM ?? 1);

test(`SQLite agrees with the model in ${count} simulated worlds, from seed ${from}`, {
  timeout: 0,
}, async () => {
  const total = await runSeeds({ from, count }, () => new SimulatedSqlite());
  console.log(`simulation: ${count} seeds from ${from} (SIMULATION_FROM, SIMULATION_SEEDS):`, total);
  // A simulation in which nothing happens would agree with anything.
  expect(total.granted).toBeGreaterThan(count);
  expect(total.refused).toBeGreaterThan(count);
});
