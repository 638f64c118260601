/** Two servers' stores on one PostgreSQL database. What a crash of the database server does is tested with one that is killed. */
import pg from 'pg';
import { migratePostgres } from '../store/postgres/postgres-migrations.js';
import { openPostgresStore } from '../store/postgres/postgres-store.js';
import type { Store } from '../store/store-port.js';
import type { CounterRow, SimulatedDisk } from './simulated-disk.js';

const SERVERS = 2;
const CONNECTIONS_EACH = 4;
/** Sums and counts come as 64 bits, which pg hands out as text. */
const INT8 = 20;

export class SimulatedPostgres implements SimulatedDisk {
  readonly isOrdered = false;
  readonly #url: string;
  readonly #reader: pg.Client;
  #stores: readonly Store[] = [];

  private constructor(url: string) {
    this.#url = url;
    const types = new pg.TypeOverrides();
    types.setTypeParser(INT8, Number);
    this.#reader = new pg.Client({ connectionString: url, types });
  }

  /** @param url of an empty database */
  static async open(url: string): Promise<SimulatedPostgres> {
    await migratePostgres(url, 0);
    const disk = new SimulatedPostgres(url);
    await disk.#reader.connect();
    await disk.#openStores();
    return disk;
  }

  get stores(): readonly Store[] {
    return this.#stores;
  }

  async #openStores(): Promise<void> {
    const stores = Array.from({ length: SERVERS }, () =>
      openPostgresStore(this.#url, { connectionsMax: CONNECTIONS_EACH }),
    );
    this.#stores = await Promise.all(stores);
  }

  async restart(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.#openStores();
  }

  async counterRows(programme: string): Promise<readonly CounterRow[]> {
    const text = 'SELECT key, used, held FROM counter WHERE programme = $1';
    return (await this.#reader.query<CounterRow>(text, [programme])).rows;
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.#reader.end();
  }
}
