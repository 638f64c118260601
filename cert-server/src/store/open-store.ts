/** Opens the store that the operator named: the embedded database of a data directory, or a PostgreSQL database. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import Sqlite from 'better-sqlite3';
import { databaseFault, databaseFileFault, describeDatabase } from './database-fault.js';
import { SQLITE_NEWEST_STEP, sqliteStep } from './sqlite/sqlite-migrations.js';
import { openSqliteStore, type SqliteOptions } from './sqlite/sqlite-store.js';
import type { StoreLocation } from './store-location.js';
import type { Store } from './store-port.js';

export type SchemaState = { readonly step: number; readonly newest: number };

/** In words, without a password. */
export function describeLocation(location: StoreLocation): string {
  return location.kind === 'sqlite' ? location.file : describeDatabase(location.url);
}

/**
 * What every use of a PostgreSQL database goes through: its faults become codes.
 * @throws TapsealError database_unavailable, database_missing, database_login_refused, usage_invalid
 */
export async function withDatabaseFaults<T>(url: string, use: () => Promise<T>): Promise<T> {
  describeDatabase(url);
  try {
    return await use();
  } catch (error) {
    throw databaseFault(error, url);
  }
}

/**
 * As withDatabaseFaults, for either kind of store: also for what goes on after it was opened.
 * @throws TapsealError database_unavailable where another program has the file to itself; and as withDatabaseFaults
 */
export async function withStoreFaults<T>(location: StoreLocation, use: () => Promise<T>): Promise<T> {
  if (location.kind === 'postgres') return withDatabaseFaults(location.url, use);
  try {
    return await use();
  } catch (error) {
    throw databaseFileFault(error, location.file);
  }
}

async function postgresState(url: string): Promise<SchemaState> {
  const { connectPostgres } = await import('./connect-postgres.js');
  const { postgresStep } = await import('./postgres/postgres-migrations.js');
  const { POSTGRES_NEWEST_STEP } = await import('./postgres/postgres-schema.js');
  const client = await connectPostgres(url);
  try {
    return { step: await postgresStep(client), newest: POSTGRES_NEWEST_STEP };
  } finally {
    await client.end();
  }
}

function sqliteState(file: string): SchemaState {
  // Not opened read-only: such a connection leaves the files of its log behind, with the wrong owner for the server.
  const database = new Sqlite(file, { fileMustExist: true });
  try {
    database.pragma('query_only = ON');
    return { step: sqliteStep(database), newest: SQLITE_NEWEST_STEP };
  } finally {
    database.close();
  }
}

/** Which step the tables are at; changes nothing. @throws TapsealError as withStoreFaults */
export function schemaStateOf(location: StoreLocation): Promise<SchemaState> {
  return withStoreFaults(location, async () =>
    location.kind === 'postgres' ? postgresState(location.url) : sqliteState(location.file),
  );
}

/** @throws TapsealError schema_outdated, schema_newer, and as withStoreFaults */
export async function assertSchema(location: StoreLocation): Promise<void> {
  const { step, newest } = await schemaStateOf(location);
  const where = `${describeLocation(location)} is at step ${step}, this program at ${newest}`;
  if (step < newest) throw new TapsealError('schema_outdated', where);
  if (step > newest) throw new TapsealError('schema_newer', where);
}

/**
 * Brings the tables to the newest step; those that exist already are changed and never dropped.
 * @param onStep is told of each step that was applied here, as soon as it is durable
 * @throws TapsealError schema_newer, and as withStoreFaults
 */
export async function migrateStore(
  location: StoreLocation,
  nowMs: number,
  onStep?: (step: number) => void,
): Promise<void> {
  await withStoreFaults(location, async () => {
    if (location.kind === 'sqlite') return openSqliteStore(location.file, nowMs, { onStep }).close();
    const { migratePostgres } = await import('./postgres/postgres-migrations.js');
    return migratePostgres(location.url, nowMs, onStep);
  });
}

/**
 * An embedded database is migrated, since nobody else can be working on it. A PostgreSQL database is not: other servers may be.
 * @param serving how the embedded one is to be opened for a server
 * @throws TapsealError schema_outdated, schema_newer, and as withStoreFaults
 */
export function openStore(
  location: StoreLocation,
  nowMs: number,
  serving?: SqliteOptions['serving'],
): Promise<Store> {
  return withStoreFaults(location, async () => {
    if (location.kind === 'sqlite') return openSqliteStore(location.file, nowMs, { serving });
    // Loaded where it is used: most servers have the embedded database.
    const { openPostgresStore } = await import('./postgres/postgres-store.js');
    return openPostgresStore(location.url);
  });
}
