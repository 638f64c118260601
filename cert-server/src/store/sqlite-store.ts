/**
 * The embedded database: better-sqlite3 in WAL mode, durable at each commit (synchronous=FULL). Everything in a transaction
 * is synchronous: an await inside one would let another request's statements into it.
 */
import { closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { migrate } from './migrations.js';
import { sqliteAdverts, sqliteWindowWriting } from './sqlite-adverts.js';
import { sqliteDecisions } from './sqlite-decisions.js';
import { sqliteCounters, sqliteOffers } from './sqlite-offers.js';
import { sqlitePhones } from './sqlite-phones.js';
import { sqliteManifestPublishing, sqliteProgrammes } from './sqlite-programmes.js';
import { sqliteReceipts } from './sqlite-receipts.js';
import { sqliteAuditing } from './sqlite-rows.js';
import { sqliteTokens } from './sqlite-tokens.js';
import { sqliteTouchpoints } from './sqlite-touchpoints.js';
import type { Store } from './store-port.js';

const HOUR_MS = 3_600_000;
/** A box nonce is bound to a nonce of the server, which is fresh for two minutes. */
const BOX_NONCE_KEPT_MS = HOUR_MS;
const ENROLMENT_CODE_KEPT_MS = 24 * HOUR_MS;
/** Counters outlive their period by this, in case the clock is set back. */
const COUNTER_KEPT_MS = 7 * 24 * HOUR_MS;

/** Rows a turn: requests must not wait for the counters of a whole week to go. */
const PRUNED_AT_ONCE = 500;

function pruning(database: Sqlite.Database): (nowMs: number) => Promise<void> {
  const oldest = (table: string, key: string, time: string) =>
    database.prepare<[number]>(
      `DELETE FROM ${table} WHERE (${key}) IN
         (SELECT ${key} FROM ${table} WHERE ${time} < ? LIMIT ${PRUNED_AT_ONCE})`,
    );
  const prunings = [
    [oldest('box_nonce', 'programme, box, nonce', 'used_at_ms'), BOX_NONCE_KEPT_MS],
    [oldest('enrolment_code', 'programme, secret_hash', 'expires_at_ms'), ENROLMENT_CODE_KEPT_MS],
    [oldest('counter', 'programme, offer, key', 'resets_at_ms'), COUNTER_KEPT_MS],
  ] as const;
  return async (nowMs) => {
    for (const [statement, keptMs] of prunings) {
      while (statement.run(nowMs - keptMs).changes === PRUNED_AT_ONCE) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
}

/**
 * @param file path of the database, made where it is missing
 * @throws Error where it cannot be opened or is of a newer program
 */
export function openSqliteStore(file: string, nowMs: number): Store {
  // It holds keys of adverts, and who redeemed what. SQLite gives the log beside it the mode of the database.
  closeSync(openSync(file, 'a', 0o600));
  const database = new Sqlite(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('busy_timeout = 5000');
  migrate(database, nowMs);

  const audit = sqliteAuditing(database);
  const publishManifest = sqliteManifestPublishing(database);
  const writeWindow = sqliteWindowWriting(database);
  const counters = sqliteCounters(database);
  const offers = sqliteOffers(database, audit, counters);
  const ping = database.prepare('SELECT step FROM migration LIMIT 1');
  const prune = pruning(database);
  return {
    ...sqliteProgrammes(database, audit, publishManifest),
    ...sqliteTouchpoints(database, { audit, publishManifest, writeWindow }),
    ...sqliteAdverts(database, writeWindow),
    ...offers,
    ...sqlitePhones(database, audit),
    ...sqliteDecisions(database, offers, counters),
    ...sqliteReceipts(database),
    ...sqliteTokens(database, audit),
    check: async () => {
      ping.get();
    },
    prune,
    close: async () => {
      database.close();
    },
  };
}
