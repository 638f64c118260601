/**
 * Counters, in SQLite. `used` of a rolling counter is its total for ever, and each increment is kept with the total that it
 * led to: so what a window holds is one subtraction, however much is in it. Sums of totals are made by SQLite, in 64 bits.
 */
import type { Database } from 'better-sqlite3';
import {
  type CounterIncrement,
  type CounterQuery,
  type CounterUsage,
  NOTHING_USED,
} from '../../decision/counter-usage.js';
import { windowRooms } from '../window-rooms.js';

/** All to be called inside a transaction that began by writing, but for `read`. */
export type SqliteCounters = {
  /** @param endedKeys is given the counters with holds whose time is over: they are left out, and wait to be released */
  read(
    programme: string,
    queries: readonly CounterQuery[],
    nowMs: number,
    endedKeys?: string[],
  ): Map<string, CounterUsage>;
  /** Counted and held. */
  total(programme: string, key: string): number;
  add(programme: string, increment: CounterIncrement, nowMs: number): void;
  hold(programme: string, increment: CounterIncrement): void;
  unhold(programme: string, key: string, amount: number): void;
};

export function sqliteCounters(database: Database): SqliteCounters {
  const find = database
    .prepare<[string, string], [number, number]>(
      'SELECT used, held FROM counter WHERE programme = ? AND key = ?',
    )
    .raw();
  const inWindow = database
    .prepare<[string, string, number], number>(
      `SELECT c.used - (e.running - e.amount) FROM counter_event e
         JOIN counter c ON c.programme = e.programme AND c.key = e.key
       WHERE e.programme = ? AND e.key = ? AND e.at_ms > ? ORDER BY e.at_ms, e.running LIMIT 1`,
    )
    .pluck();
  const makesRoom = database
    .prepare<[string, string, number, number], number>(
      `SELECT e.at_ms FROM counter_event e JOIN counter c ON c.programme = e.programme AND c.key = e.key
       WHERE e.programme = ? AND e.key = ? AND e.at_ms > ? AND e.running >= c.used + CAST(? AS INTEGER)
       ORDER BY e.at_ms, e.running LIMIT 1`,
    )
    .pluck();
  const holds = `hold INDEXED BY hold_of_counter WHERE programme = ? AND key = ? AND state = 'held'`;
  const firstEnd = database
    .prepare<[string, string], number | null>(`SELECT min(ends_at_ms) FROM ${holds}`)
    .pluck();
  const firstEndAfter = database
    .prepare<[string, string, number], number | null>(
      `SELECT min(ends_at_ms) FROM ${holds} AND ends_at_ms > ?`,
    )
    .pluck();
  const ended = database
    .prepare<[string, string, number], number>(
      `SELECT coalesce(sum(amount), 0) FROM ${holds} AND ends_at_ms <= ?`,
    )
    .pluck();

  const insert =
    'INSERT INTO counter (programme, key, used, held, resets_at_ms, last_at_ms) VALUES (?, ?, ?, ?, ?, ?)';
  const onConflict = 'ON CONFLICT (programme, key) DO UPDATE SET';
  // When a period resets stands as it was first written, for an index hangs on it: other zones only differ by hours.
  const add = database.prepare(
    `${insert} ${onConflict} used = used + excluded.used, held = held + excluded.held`,
  );
  const addRolling = database.prepare(
    `${insert} ${onConflict} used = used + excluded.used, last_at_ms = max(last_at_ms, excluded.last_at_ms),
       resets_at_ms = max(resets_at_ms, excluded.resets_at_ms)`,
  );
  // Of a clock that was set back: events keep the order in which they were added.
  const addEvent = database.prepare(
    `INSERT INTO counter_event (programme, key, at_ms, running, amount, expires_at_ms)
     SELECT programme, key, last_at_ms, used, ?, last_at_ms + ? FROM counter WHERE programme = ? AND key = ?`,
  );
  const unhold = database.prepare('UPDATE counter SET held = held - ? WHERE programme = ? AND key = ?');

  const usageOf = (
    programme: string,
    { key, windowMs, roomAtSums = [] }: CounterQuery,
    nowMs: number,
    endedKeys: string[] | undefined,
  ): CounterUsage => {
    const row = find.get(programme, key);
    if (row === undefined) return NOTHING_USED;
    let [used, held] = row;
    let ends: Pick<CounterUsage, 'holdEndsAtMs'> = {};
    if (held > 0) {
      let endsAtMs = firstEnd.get(programme, key) ?? null;
      if (endsAtMs !== null && endsAtMs <= nowMs) {
        endedKeys?.push(key);
        held -= ended.get(programme, key, nowMs) ?? 0;
        endsAtMs = firstEndAfter.get(programme, key, nowMs) ?? null;
      }
      if (endsAtMs !== null) ends = { holdEndsAtMs: endsAtMs };
    }
    if (windowMs === undefined) return { used, held, ...ends };
    used = inWindow.get(programme, key, nowMs - windowMs) ?? 0;
    const rooms = windowRooms(roomAtSums, { used, held }, (sum) => {
      const atMs = makesRoom.get(programme, key, nowMs - windowMs, -sum);
      return atMs === undefined ? undefined : atMs + windowMs;
    });
    return { used, held, ...ends, ...rooms };
  };

  return {
    read: (programme, queries, nowMs, endedKeys) => {
      const usages = new Map<string, CounterUsage>();
      for (const query of queries) usages.set(query.key, usageOf(programme, query, nowMs, endedKeys));
      return usages;
    },
    total: (programme, key) => {
      const [used, held] = find.get(programme, key) ?? [0, 0];
      return used + held;
    },
    add: (programme, { key, amount, windowMs, resetsAtMs }, nowMs) => {
      if (windowMs === undefined) add.run(programme, key, amount, 0, resetsAtMs ?? null, 0);
      else {
        addRolling.run(programme, key, amount, 0, nowMs + windowMs, nowMs);
        addEvent.run(amount, windowMs, programme, key);
      }
    },
    hold: (programme, { key, amount, resetsAtMs }) => {
      add.run(programme, key, 0, amount, resetsAtMs ?? null, 0);
    },
    unhold: (programme, key, amount) => {
      unhold.run(amount, programme, key);
    },
  };
}
