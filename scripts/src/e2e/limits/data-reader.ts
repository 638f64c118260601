/** Reads the tables beside the servers, without a line of their code: what is on record, and what the counters say. */
import Sqlite from 'better-sqlite3';
import pg from 'pg';

export type DecisionData = {
  readonly sequence: number;
  /** Hexadecimal. */
  readonly transaction: string;
  readonly granted: number;
  readonly shopper: string;
  readonly touchpoint: string;
  readonly offer: string;
  readonly awarded: number | null;
  /** Of a grant whose box has to confirm. */
  readonly holdEndsAtMs: number | null;
  /** Of its receipt. */
  readonly outcome: string | null;
};
export type CounterData = { readonly key: string; readonly used: number; readonly held: number };
export type HoldData = {
  readonly transaction: string;
  readonly key: string;
  readonly amount: number;
  readonly state: string;
};

/** All of one moment. */
export type StoredData = {
  readonly decisions: readonly DecisionData[];
  readonly counters: readonly CounterData[];
  readonly holds: readonly HoldData[];
};

const queries = (hex: (column: string) => string) => ({
  decisions: `SELECT d.sequence, ${hex('d.transaction_id')} AS "transaction", d.granted, d.shopper, d.touchpoint, d.offer,
      d.awarded_minor AS awarded, d.hold_ends_at_ms AS "holdEndsAtMs", r.outcome
    FROM decision d LEFT JOIN receipt r ON r.programme = d.programme AND r.transaction_id = d.transaction_id
    ORDER BY d.sequence`,
  counters: 'SELECT key, used, held FROM counter ORDER BY key',
  holds: `SELECT ${hex('transaction_id')} AS "transaction", key, amount, state FROM hold`,
});

function readSqlite(file: string): StoredData {
  const database = new Sqlite(file, { readonly: true, fileMustExist: true });
  try {
    const { decisions, counters, holds } = queries((column) => `lower(hex(${column}))`);
    return database.transaction(() => ({
      decisions: database.prepare<[], DecisionData>(decisions).all(),
      counters: database.prepare<[], CounterData>(counters).all(),
      holds: database.prepare<[], HoldData>(holds).all(),
    }))();
  } finally {
    database.close();
  }
}

/** A whole number that PostgreSQL sends as text. */
const INT8 = 20;

async function readPostgres(url: string): Promise<StoredData> {
  const types = new pg.TypeOverrides();
  types.setTypeParser(INT8, Number);
  const client = new pg.Client({ connectionString: url, types });
  // One that breaks while nothing is asked of it must not end the test: whoever asks next is told.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { decisions, counters, holds } = queries((column) => `encode(${column}, 'hex')`);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    return {
      decisions: (await client.query<DecisionData>(decisions)).rows,
      counters: (await client.query<CounterData>(counters)).rows,
      holds: (await client.query<HoldData>(holds)).rows,
    };
  } finally {
    await client.end();
  }
}

export async function readData(
  location: { readonly file: string } | { readonly url: string },
): Promise<StoredData> {
  return 'file' in location ? readSqlite(location.file) : readPostgres(location.url);
}
