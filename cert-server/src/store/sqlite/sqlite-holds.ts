/** Places that grants hold until their boxes confirm, in SQLite. A grant holds, spends and frees all of its places together. */
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { Database } from 'better-sqlite3';
import type { CounterIncrement } from '../../decision/counter-usage.js';
import type { HoldState } from '../records.js';
import { optional } from '../row-values.js';
import type { SqliteCounters } from './sqlite-counters.js';

type HoldRow = {
  key: string;
  amount: number;
  window_ms: number | null;
  resets_at_ms: number | null;
  state: HoldState;
};

/** One redemption frees no more than this, so that it never waits for thousands of others; upkeep frees the rest. */
const RELEASED_AT_ONCE = 100;

/** All to be called inside a transaction. */
export type SqliteHolds = {
  add(
    programme: string,
    transactionId: Uint8Array,
    increments: readonly CounterIncrement[],
    endsAtMs: number,
  ): void;
  stateOf(programme: string, transactionId: Uint8Array): HoldState | undefined;
  /** The first receipt of the grant: counts its places or frees them. */
  settle(programme: string, transactionId: Uint8Array, outcome: ReceiptOutcome, nowMs: number): void;
  /** Of a grant whose places are held. */
  release(programme: string, transactionId: Uint8Array): void;
  /** The oldest of this counter that have ended, with all that the same grants hold. */
  releaseEndedOf(programme: string, key: string, nowMs: number): void;
  /** The oldest of all. @returns how many grants were released */
  releaseEnded(nowMs: number, countMax: number): number;
};

export function sqliteHolds(database: Database, counters: SqliteCounters): SqliteHolds {
  const insert = database.prepare(
    `INSERT INTO hold (programme, transaction_id, key, amount, window_ms, resets_at_ms, ends_at_ms, state)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'held')`,
  );
  const ofGrant = database.prepare<[string, Uint8Array], HoldRow>(
    'SELECT key, amount, window_ms, resets_at_ms, state FROM hold WHERE programme = ? AND transaction_id = ?',
  );
  const setState = database.prepare('UPDATE hold SET state = ? WHERE programme = ? AND transaction_id = ?');
  const endedOf = database
    .prepare<[string, string, number], Buffer>(
      `SELECT transaction_id FROM hold INDEXED BY hold_of_counter
       WHERE programme = ? AND key = ? AND state = 'held' AND ends_at_ms <= ?
       ORDER BY ends_at_ms LIMIT ${RELEASED_AT_ONCE}`,
    )
    .pluck();
  const ended = database.prepare<[number, number], { programme: string; transaction_id: Buffer }>(
    `SELECT DISTINCT ends_at_ms, programme, transaction_id FROM hold INDEXED BY hold_end
     WHERE state = 'held' AND ends_at_ms <= ? ORDER BY ends_at_ms, programme, transaction_id LIMIT ?`,
  );

  const release = (programme: string, transactionId: Uint8Array): void => {
    for (const { key, amount } of ofGrant.all(programme, transactionId)) {
      counters.unhold(programme, key, amount);
    }
    setState.run('released', programme, transactionId);
  };
  return {
    add: (programme, transactionId, increments, endsAtMs) => {
      for (const increment of increments) {
        const { key, amount, windowMs, resetsAtMs } = increment;
        counters.hold(programme, increment);
        insert.run(programme, transactionId, key, amount, windowMs ?? null, resetsAtMs ?? null, endsAtMs);
      }
    },
    stateOf: (programme, transactionId) => ofGrant.get(programme, transactionId)?.state,
    settle: (programme, transactionId, outcome, nowMs) => {
      const rows = ofGrant.all(programme, transactionId);
      const [first] = rows;
      if (first === undefined) return;
      if (outcome === 'failed') {
        if (first.state === 'held') release(programme, transactionId);
        return;
      }
      for (const { key, amount, window_ms, resets_at_ms, state } of rows) {
        if (state === 'held') counters.unhold(programme, key, amount);
        const [windowMs, resetsAtMs] = [optional(window_ms), optional(resets_at_ms)];
        counters.add(
          programme,
          {
            key,
            amount,
            ...(windowMs === undefined ? {} : { windowMs }),
            ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
          },
          nowMs,
        );
      }
      setState.run('spent', programme, transactionId);
    },
    release,
    releaseEndedOf: (programme, key, nowMs) => {
      for (const transactionId of endedOf.all(programme, key, nowMs)) release(programme, transactionId);
    },
    releaseEnded: (nowMs, countMax) => {
      const grants = ended.all(nowMs, countMax);
      for (const { programme, transaction_id } of grants) release(programme, transaction_id);
      return grants.length;
    },
  };
}
