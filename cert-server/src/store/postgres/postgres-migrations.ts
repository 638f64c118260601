/** Brings a database to the newest step of the schema, and tells at which one it is. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type pg from 'pg';
import { connectPostgres } from '../connect-postgres.js';
import { isConflict } from './postgres-faults.js';
import { POSTGRES_NEWEST_STEP, postgresStepText } from './postgres-schema.js';

/** Made at the same time by two, a table is there for one of them only. */
const madeMeanwhile = /^(23505|42P07|42710|XX000|40001|40P01)$/;
const ATTEMPTS_MAX = 10;

type Asking = Pick<pg.Client, 'query'>;

/** The last step that was applied, 0 for a database without tables. Reads only. */
export async function postgresStep(client: Asking): Promise<number> {
  const { rows: tables } = await client.query(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'migration'`,
  );
  if (tables.length === 0) return 0;
  const { rows } = await client.query<{ step: string }>(
    'SELECT coalesce(max(step), 0) AS step FROM migration',
  );
  return Number(rows[0]?.step ?? 0);
}

/** @throws TapsealError schema_outdated, schema_newer */
export function assertPostgresStep(step: number): void {
  if (step === POSTGRES_NEWEST_STEP) return;
  const detail = `the database is at step ${step}, this program at ${POSTGRES_NEWEST_STEP}`;
  throw new TapsealError(step < POSTGRES_NEWEST_STEP ? 'schema_outdated' : 'schema_newer', detail);
}

async function prepare(client: Asking): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(
        'CREATE TABLE IF NOT EXISTS migration (step BIGINT NOT NULL, applied_at_ms BIGINT NOT NULL, PRIMARY KEY (step))',
      );
      // No step of its own: the row that whoever migrates holds locked.
      await client.query('INSERT INTO migration (step, applied_at_ms) VALUES (0, 0) ON CONFLICT DO NOTHING');
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!madeMeanwhile.test(code) || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

/** @returns the step that was applied, undefined where there is none left */
async function applyNext(client: Asking, nowMs: number): Promise<number | undefined> {
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    await client.query('SELECT step FROM migration WHERE step = 0 FOR UPDATE');
    const done = await postgresStep(client);
    if (done > POSTGRES_NEWEST_STEP) assertPostgresStep(done);
    const step = done + 1;
    if (step <= POSTGRES_NEWEST_STEP) {
      await client.query(postgresStepText(step));
      await client.query('INSERT INTO migration (step, applied_at_ms) VALUES ($1, $2)', [step, nowMs]);
    }
    await client.query('COMMIT');
    return step <= POSTGRES_NEWEST_STEP ? step : undefined;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/**
 * Safe where two run at once: each step is applied by one of them.
 * @param onStep is told of each step that was applied here
 * @throws TapsealError schema_newer
 */
export async function migratePostgres(
  url: string,
  nowMs: number,
  onStep?: (step: number) => void,
): Promise<void> {
  const client = await connectPostgres(url);
  try {
    await prepare(client);
    for (let conflicts = 0; ; ) {
      try {
        const step = await applyNext(client, nowMs);
        if (step === undefined) return;
        onStep?.(step);
      } catch (error) {
        conflicts += 1;
        if (!isConflict(error) || conflicts === ATTEMPTS_MAX) throw error;
      }
    }
  } finally {
    await client.end();
  }
}
