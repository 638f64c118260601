/** The store that the operator named, as export and import see it. */
import { assertSchema, withStoreFaults } from '../open-store.js';
import type { StoreLocation } from '../store-location.js';
import type { PortableSink, PortableSource } from './portable-store.js';
import { openPostgresSink, openPostgresSource } from './postgres-portable.js';
import { openSqliteSink, openSqliteSource } from './sqlite-portable.js';

/** @throws TapsealError schema_outdated, schema_newer, and faults of the database */
export async function openSource(location: StoreLocation, programme: string): Promise<PortableSource> {
  await assertSchema(location);
  return withStoreFaults(location, async () =>
    location.kind === 'sqlite'
      ? openSqliteSource(location.file, programme)
      : openPostgresSource(location.url, programme),
  );
}

/**
 * @throws TapsealError schema_outdated, schema_newer, database_unavailable where a server has the file open, and other faults of the
 * database
 */
export async function openSink(location: StoreLocation, programme: string): Promise<PortableSink> {
  await assertSchema(location);
  return withStoreFaults(location, async () =>
    location.kind === 'sqlite'
      ? openSqliteSink(location.file, programme)
      : openPostgresSink(location.url, programme),
  );
}
