import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../testing/test-postgres.js';
import { runSeeds } from './run-seeds.js';
import { SimulatedPostgres } from './simulated-postgres.js';

const count = Number(process.env.SIMULATION_POSTGRES_SEEDS ?? 300);
const from = Number(process.env.SIMULATION_FROM ?? 1);

let server: TestPostgres;
beforeAll(async () => {
  // What is durable is tested elsewhere; here only the order of things counts.
  server = await startTestPostgres({ settings: { fsync: 'off' } });
});
afterAll(() => server.stop());

test(`PostgreSQL agrees with the model in ${count} simulated worlds, from seed ${from}`, {
  timeout: 0,
}, async () => {
  const total = await runSeeds({ from, count }, async () =>
    SimulatedPostgres.open(await server.createDatabase()),
  );
  console.log(`simulation: ${count} seeds from ${from} (SIMULATION_FROM, SIMULATION_POSTGRES_SEEDS):`, total);
  expect(total.granted).toBeGreaterThan(count);
  expect(total.refused).toBeGreaterThan(count);
});
