/** Counters, in PostgreSQL: locked in the order of their keys, read and written for a whole transaction at once. */
import type { CounterQuery, CounterUsage } from '../../decision/counter-usage.js';
import { optional } from '../row-values.js';
import { int8Array } from './binary-array.js';
import {
  type CounterEvent,
  type CounterFacts,
  CounterLedger,
  type CounterState,
  type RoomQuery,
  roomKey,
  windowKey,
} from './counter-ledger.js';
import { freshStatement, type PostgresConnections, type Queries, statement } from './postgres-connections.js';
import { positions } from './postgres-rows.js';

const columns = 'key, used::text AS used, held, resets_at_ms, last_at_ms';

const read = statement(
  'counter-read',
  `SELECT ${columns} FROM counter WHERE programme = $1 AND key = ANY($2::text[])`,
);
// What is not there cannot be locked, and two first requests would both find nothing. A row of nothing is forgotten like one
// whose period is over.
const zero = statement(
  'counter-zero',
  `INSERT INTO counter (programme, key, used, held, resets_at_ms, last_at_ms)
   SELECT $1, q.key, 0, 0, $3::bigint, 0 FROM unnest($2::text[]) AS q (key) ORDER BY q.key
   ON CONFLICT (programme, key) DO NOTHING`,
);
const lock = statement(
  'counter-lock',
  `SELECT ${columns} FROM counter WHERE programme = $1 AND key = ANY($2::text[]) ORDER BY key FOR UPDATE`,
);
const windows = statement(
  'counter-windows',
  `SELECT q.position, (
     SELECT e.running - e.amount FROM counter_event e
     WHERE e.programme = $1 AND e.key = q.key AND e.at_ms > q.since_ms ORDER BY e.at_ms, e.running LIMIT 1
   )::text AS before
   FROM unnest($2::text[], $3::bigint[], $4::bigint[]) AS q (key, since_ms, position)`,
);
const rooms = statement(
  'counter-rooms',
  `SELECT q.position, (
     SELECT e.at_ms FROM counter_event e
     WHERE e.programme = $1 AND e.key = q.key AND e.at_ms > q.since_ms AND e.running >= q.running
     ORDER BY e.at_ms, e.running LIMIT 1
   ) AS at_ms
   FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) AS q (key, since_ms, running, position)`,
);
// What ended before the first moment of the transaction is one sum.
const endings =
  freshStatement(`SELECT key, greatest(ends_at_ms, $3::bigint) AS ends_at_ms, sum(amount)::bigint AS amount FROM hold
   WHERE programme = $1 AND key = ANY($2::text[]) AND state = 'held' AND ends_at_ms <= $4::bigint GROUP BY 1, 2`);
const nextEnds = freshStatement(`SELECT q.key, (
     SELECT min(h.ends_at_ms) FROM hold h
     WHERE h.programme = $1 AND h.key = q.key AND h.state = 'held' AND h.ends_at_ms > $3::bigint
   ) AS ends_at_ms
   FROM unnest($2::text[]) AS q (key)`);
const insert = `INSERT INTO counter (programme, key, used, held, resets_at_ms, last_at_ms)
   SELECT $1, q.key, q.used, q.held, q.resets_at_ms, q.last_at_ms
   FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
     AS q (key, used, held, resets_at_ms, last_at_ms)
   ORDER BY q.key`;
// All of a redemption are there, and locked; one that a late receipt counts may be forgotten. Said as a conflict, each is found by its key, whatever the database knows of its tables.
const change = statement(
  'counter-change',
  `${insert}
   ON CONFLICT (programme, key) DO UPDATE SET used = excluded.used, held = excluded.held,
     resets_at_ms = excluded.resets_at_ms, last_at_ms = excluded.last_at_ms`,
);
const addEvents = statement(
  'counter-events',
  `INSERT INTO counter_event (programme, key, at_ms, running, amount, expires_at_ms)
   SELECT $1, q.key, q.at_ms, q.running, q.amount, q.expires_at_ms
   FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
     AS q (key, at_ms, running, amount, expires_at_ms)`,
);

type CounterRow = {
  key: string;
  used: string;
  held: number;
  resets_at_ms: number | null;
  last_at_ms: number;
};

function stateOf(row: CounterRow): CounterState {
  return {
    key: row.key,
    used: BigInt(row.used),
    held: row.held,
    resetsAtMs: optional(row.resets_at_ms),
    lastAtMs: row.last_at_ms,
  };
}

/** Counters that are to be read at a moment. */
export type CounterReading = { readonly queries: readonly CounterQuery[]; readonly nowMs: number };

export async function lockCounters(
  queries: Queries,
  programme: string,
  keys: readonly string[],
): Promise<CounterState[]> {
  if (keys.length === 0) return [];
  return (await queries.rows<CounterRow>(lock, [programme, keys])).map(stateOf);
}

/** Inserts those that are not there, in the order of their keys, so that all of them can be locked. */
export async function addZeroCounters(
  queries: Queries,
  programme: string,
  keys: readonly string[],
  nowMs: number,
): Promise<void> {
  if (keys.length > 0) await queries.run(zero, [programme, keys, nowMs]);
}

/** To be sent when the counters are being locked, or in a transaction that sees one moment. */
export async function readWindows(
  queries: Queries,
  programme: string,
  readings: readonly CounterReading[],
): Promise<CounterFacts['beforeWindow']> {
  const asked = new Map<string, { key: string; sinceMs: number }>();
  for (const reading of readings) {
    for (const { key, windowMs } of reading.queries) {
      if (windowMs === undefined) continue;
      const sinceMs = reading.nowMs - windowMs;
      asked.set(windowKey(key, sinceMs), { key, sinceMs });
    }
  }
  if (asked.size === 0) return new Map();
  const list = [...asked.values()];
  const rows = await queries.rows<{ position: number; before: string | null }>(windows, [
    programme,
    list.map(({ key }) => key),
    int8Array(list.map(({ sinceMs }) => sinceMs)),
    positions(list.length),
  ]);
  const names = [...asked.keys()];
  const found = rows.flatMap(({ position, before }): [string, bigint][] =>
    before === null ? [] : [[names[position] ?? '', BigInt(before)]],
  );
  return new Map(found);
}

/** As `readWindows`. @param keys of the counters that may hold */
export async function readHolds(
  queries: Queries,
  programme: string,
  keys: readonly string[],
  readings: readonly CounterReading[],
): Promise<Pick<CounterFacts, 'endings' | 'nextEndAtMs'>> {
  if (keys.length === 0) return { endings: new Map(), nextEndAtMs: new Map() };
  const moments = readings.map(({ nowMs }) => nowMs);
  const [firstMs, lastMs] = [Math.min(...moments), Math.max(...moments)];
  const [ended, next] = await Promise.all([
    queries.rows<{ key: string; ends_at_ms: number; amount: number }>(endings, [
      programme,
      keys,
      firstMs,
      lastMs,
    ]),
    queries.rows<{ key: string; ends_at_ms: number | null }>(nextEnds, [programme, keys, lastMs]),
  ]);
  const byKey = new Map<string, { endsAtMs: number; amount: number }[]>();
  for (const { key, ends_at_ms: endsAtMs, amount } of ended) {
    byKey.set(key, [...(byKey.get(key) ?? []), { endsAtMs, amount }]);
  }
  const ends = next.flatMap(({ key, ends_at_ms }): [string, number][] =>
    ends_at_ms === null ? [] : [[key, ends_at_ms]],
  );
  return { endings: byKey, nextEndAtMs: new Map(ends) };
}

/** The facts, with what a ledger has left open. */
export async function addRooms(
  queries: Queries,
  programme: string,
  facts: CounterFacts,
  missing: readonly RoomQuery[],
): Promise<CounterFacts> {
  const rows = await queries.rows<{ position: number; at_ms: number | null }>(rooms, [
    programme,
    missing.map(({ key }) => key),
    int8Array(missing.map(({ sinceMs }) => sinceMs)),
    int8Array(missing.map(({ running }) => running)),
    positions(missing.length),
  ]);
  const found = new Map<string, number | undefined>(missing.map((query) => [roomKey(query), undefined]));
  for (const { position, at_ms } of rows) {
    const query = missing[position];
    if (query !== undefined) found.set(roomKey(query), optional(at_ms));
  }
  return { ...facts, rooms: found };
}

function rowArrays(states: readonly CounterState[]): unknown[] {
  return [
    states.map(({ key }) => key),
    int8Array(states.map(({ used }) => used)),
    int8Array(states.map(({ held }) => held)),
    int8Array(states.map(({ resetsAtMs }) => resetsAtMs)),
    int8Array(states.map(({ lastAtMs }) => lastAtMs)),
  ];
}

function eventArrays(events: readonly CounterEvent[]): unknown[] {
  return [
    events.map(({ key }) => key),
    int8Array(events.map(({ atMs }) => atMs)),
    int8Array(events.map(({ running }) => running)),
    int8Array(events.map(({ amount }) => amount)),
    int8Array(events.map(({ expiresAtMs }) => expiresAtMs)),
  ];
}

/** Sends all at once. */
export async function writeCounters(
  queries: Queries,
  programme: string,
  ledger: CounterLedger,
): Promise<void> {
  const { changed, events } = ledger;
  await Promise.all([
    changed.length > 0 && queries.run(change, [programme, ...rowArrays(changed)]),
    events.length > 0 && queries.run(addEvents, [programme, ...eventArrays(events)]),
  ]);
}

/** All as they are at one moment, without a lock. */
export async function readCounters(
  connections: PostgresConnections,
  programme: string,
  queries: readonly CounterQuery[],
  nowMs: number,
): Promise<Map<string, CounterUsage>> {
  const keys = queries.map(({ key }) => key);
  const readings = [{ queries, nowMs }];
  return connections.snapshot(async (session) => {
    const [rows, beforeWindow, holds] = await Promise.all([
      session.rows<CounterRow>(read, [programme, keys]),
      readWindows(session, programme, readings),
      readHolds(session, programme, keys, readings),
    ]);
    const states = rows.map(stateOf);
    const facts = { beforeWindow, ...holds, rooms: new Map() };
    const usages = (ledger: CounterLedger) =>
      new Map(queries.map((query) => [query.key, ledger.usage(query, nowMs)]));
    const ledger = new CounterLedger(keys, states, facts);
    const found = usages(ledger);
    if (ledger.missingRooms.length === 0) return found;
    const whole = await addRooms(session, programme, facts, ledger.missingRooms);
    return usages(new CounterLedger(keys, states, whole));
  });
}
