/**
 * The store for many servers on one database: PostgreSQL, or a cluster that speaks its language. No server is the leader, and
 * none keeps anything that another one would have to know, but for what never changes.
 */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type pg from 'pg';
import { connectPostgres } from '../connect-postgres.js';
import type { Store } from '../store-port.js';
import { OfferVersions } from './offer-versions.js';
import { postgresAdverts } from './postgres-adverts.js';
import { PostgresConnections, statement } from './postgres-connections.js';
import { postgresDecisions } from './postgres-decisions.js';
import { assertPostgresStep, postgresStep } from './postgres-migrations.js';
import { postgresOffers } from './postgres-offers.js';
import { postgresPhones } from './postgres-phones.js';
import { postgresProgrammes } from './postgres-programmes.js';
import { postgresPruning } from './postgres-pruning.js';
import { postgresReceipts } from './postgres-receipts.js';
import { postgresTokens } from './postgres-tokens.js';
import { postgresTouchpoints } from './postgres-touchpoints.js';

const CONNECTIONS_MAX_DEFAULT = 10;

export type PostgresStoreOptions = {
  /** Of this process. */
  readonly connectionsMax?: number;
  /** 0 (included) to 1 (excluded): spreads those that have to try again. */
  readonly random?: () => number;
};

const ping = statement('ping', 'SELECT step FROM migration LIMIT 1');

/** A grant must be durable when it is answered, whatever the database does for others. */
async function assertDurable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ synchronous_commit: string }>('SHOW synchronous_commit');
  if (rows[0]?.synchronous_commit === 'off') {
    throw new TapsealError('usage_invalid', 'synchronous_commit is off in this database: it must be on');
  }
}

async function inspect(url: string): Promise<void> {
  const client = await connectPostgres(url);
  try {
    assertPostgresStep(await postgresStep(client));
    await assertDurable(client);
  } finally {
    await client.end();
  }
}

/**
 * @param url `postgres://user:password@host:port/database`, at the newest step of the schema
 * @throws TapsealError schema_outdated, schema_newer, usage_invalid
 * @throws Error of pg, as databaseFault reads it
 */
export async function openPostgresStore(url: string, options: PostgresStoreOptions = {}): Promise<Store> {
  const { connectionsMax = CONNECTIONS_MAX_DEFAULT, random = Math.random } = options;
  await inspect(url);
  const connections = new PostgresConnections(url, { connectionsMax, random });
  const offers = new OfferVersions();
  return {
    ...postgresProgrammes(connections),
    ...postgresTouchpoints(connections),
    ...postgresAdverts(connections),
    ...postgresOffers(connections, offers),
    ...postgresPhones(connections),
    ...postgresDecisions(connections, offers),
    ...postgresReceipts(connections),
    ...postgresTokens(connections),
    check: async () => {
      await connections.rows(ping, []);
    },
    prune: postgresPruning(connections),
    close: () => connections.close(),
  };
}
