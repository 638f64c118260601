/** Forgets what no decision can depend on any more, little by little: requests must not wait for a whole week to go. */
import type { Store } from '../store-port.js';
import { freshStatement, type PostgresConnections, type Statement } from './postgres-connections.js';

const HOUR_MS = 3_600_000;
/** A box nonce is bound to a nonce of the server, which is fresh for two minutes. */
const BOX_NONCE_KEPT_MS = HOUR_MS;
const ENROLMENT_CODE_KEPT_MS = 24 * HOUR_MS;
/** Counters outlive their period by this, in case the clock is set back. */
const COUNTER_KEPT_MS = 7 * 24 * HOUR_MS;

const PRUNED_AT_ONCE = 500;

type Pruning = {
  /** The oldest, of all programmes. */
  readonly oldest: Statement;
  /** Of one programme, by their keys. */
  readonly remove: Statement;
  readonly columns: readonly string[];
  readonly keptMs: number;
};

type Table = {
  readonly name: string;
  /** The rest of the primary key, each column with its type. */
  readonly key: Readonly<Record<string, 'text' | 'bytea' | 'bigint'>>;
  readonly time: string;
  readonly keptMs: number;
  readonly condition?: string;
};

function pruningOf({ name, key, time, keptMs, condition = 'TRUE' }: Table): Pruning {
  const columns = Object.keys(key);
  // Totals can pass the safe integers: they come and go as text.
  const read = Object.entries(key).map(([column, type]) =>
    type === 'bigint' ? `${column}::text AS ${column}` : column,
  );
  const arrays = Object.values(key).map((type, index) =>
    type === 'bigint' ? `$${index + 3}::text[]::bigint[]` : `$${index + 3}::${type}[]`,
  );
  const oldest = `SELECT programme, ${read.join(', ')} FROM ${name} WHERE ${time} < $1 AND ${condition}
    ORDER BY ${time} LIMIT ${PRUNED_AT_ONCE}`;
  // The condition again: a row that was changed since it was looked up stays.
  const remove = `DELETE FROM ${name} WHERE programme = $1 AND ${time} < $2 AND ${condition}
    AND (${columns.join(', ')}) IN (SELECT * FROM unnest(${arrays.join(', ')}))`;
  return { oldest: freshStatement(oldest), remove: freshStatement(remove), columns, keptMs };
}

const tables: readonly Table[] = [
  {
    name: 'box_nonce',
    key: { box: 'bytea', nonce: 'bytea' },
    time: 'used_at_ms',
    keptMs: BOX_NONCE_KEPT_MS,
  },
  {
    name: 'enrolment_code',
    key: { secret_hash: 'bytea' },
    time: 'expires_at_ms',
    keptMs: ENROLMENT_CODE_KEPT_MS,
  },
  // Before their counters: a counter that comes again begins at 0.
  {
    name: 'counter_event',
    key: { key: 'text', at_ms: 'bigint', running: 'bigint' },
    time: 'expires_at_ms',
    keptMs: COUNTER_KEPT_MS,
  },
  {
    name: 'counter',
    key: { key: 'text' },
    time: 'resets_at_ms',
    keptMs: COUNTER_KEPT_MS,
    condition: 'held = 0',
  },
];

const prunings = tables.map(pruningOf);

type KeyRow = { programme: string } & Record<string, unknown>;

export function postgresPruning(connections: PostgresConnections): Store['prune'] {
  /** @returns how many were found */
  const pruneSome = async ({ oldest, remove, columns }: Pruning, beforeMs: number): Promise<number> => {
    const rows = await connections.rows<KeyRow>(oldest, [beforeMs]);
    for (const programme of new Set(rows.map((row) => row.programme))) {
      const keys = rows.filter((row) => row.programme === programme);
      const arrays = columns.map((column) => keys.map((row) => row[column]));
      await connections.transaction((session) => session.run(remove, [programme, beforeMs, ...arrays]));
    }
    return rows.length;
  };
  return async (nowMs) => {
    for (const pruning of prunings) {
      while ((await pruneSome(pruning, nowMs - pruning.keptMs)) === PRUNED_AT_ONCE);
    }
  };
}
