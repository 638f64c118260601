/** The store that the operator named, as export and import see it. */
import { assertSchema, withDatabaseFaults } from '../open-store.js';
import type { StoreLocation } from '../store-location.js';
import type { PortableSink, PortableSource } from './portable-store.js';
import { openPostgresSink, openPostgresSource } from './postgres-portable.js';
import { openSqliteSink, openSqliteSource } from './sqlite-portable.js';

/** @throws TapsealError schema_outdated, schema_newer, and faults of the database */
export async function openSource(location: StoreLocation, programme: string): Promise<PortableSource> {
  await assertSchema(location);
  if (location.kind === 'sqlite') return openSqliteSource(location.file, programme);
  const { url } = location;
  return withDatabaseFaults(url, () => openPostgresSource(url, programme));
}

/** @throws TapsealError schema_outdated, schema_newer, and faults of the database */
export async function openSink(location: StoreLocation, programme: string): Promise<PortableSink> {
  await assertSchema(location);
  if (location.kind === 'sqlite') return openSqliteSink(location.file, programme);
  const { url } = location;
  return withDatabaseFaults(url, () => openPostgresSink(url, programme));
}
