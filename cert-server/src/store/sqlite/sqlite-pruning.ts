/** Forgets what no decision can depend on any more, in SQLite. */
import type { Database } from 'better-sqlite3';
import type { GroupCommit } from './sqlite-group-commit.js';

const HOUR_MS = 3_600_000;
/** A box nonce is bound to a nonce of the server, which is fresh for two minutes. */
const BOX_NONCE_KEPT_MS = HOUR_MS;
const ENROLMENT_CODE_KEPT_MS = 24 * HOUR_MS;
/** Counters outlive their period by this, in case the clock is set back. */
const COUNTER_KEPT_MS = 7 * 24 * HOUR_MS;

/** Rows a turn: requests must not wait for the counters of a whole week to go. */
const PRUNED_AT_ONCE = 500;

export function sqlitePruning(database: Database, commits: GroupCommit): (nowMs: number) => Promise<void> {
  const oldest = (table: string, key: string, time: string) =>
    database.prepare<[number]>(
      `DELETE FROM ${table} WHERE (${key}) IN
         (SELECT ${key} FROM ${table} WHERE ${time} < ? LIMIT ${PRUNED_AT_ONCE})`,
    );
  const prunings = [
    [oldest('box_nonce', 'programme, box, nonce', 'used_at_ms'), BOX_NONCE_KEPT_MS],
    [oldest('enrolment_code', 'programme, secret_hash', 'expires_at_ms'), ENROLMENT_CODE_KEPT_MS],
    // Before the counters: a total that starts again must not meet what led to the old one.
    [oldest('counter_event', 'programme, key, at_ms, running', 'expires_at_ms'), COUNTER_KEPT_MS],
    [oldest('counter', 'programme, key', 'held = 0 AND resets_at_ms'), COUNTER_KEPT_MS],
  ] as const;
  return async (nowMs) => {
    for (const [statement, keptMs] of prunings) {
      const prune = () => commits.write(() => statement.run(nowMs - keptMs).changes);
      while ((await prune()) === PRUNED_AT_ONCE);
    }
  };
}
