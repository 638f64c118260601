/** One connection to PostgreSQL, for work that is done in one go. */
import pg from 'pg';

/** As long as the pool of a server waits. */
const CONNECT_MS_MAX = 5_000;

/** @throws Error of pg, as databaseFault reads it */
export async function connectPostgres(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tapseal',
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
  });
  // Without a listener a connection that breaks ends the process; the query under way is told as well.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
