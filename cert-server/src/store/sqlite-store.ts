/**
 * The embedded database: better-sqlite3 in WAL mode, durable at each commit (synchronous=FULL). Everything in a transaction
 * is synchronous: an await inside one would let another request's statements into it.
 */
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

function pruning(database: Sqlite.Database): (nowMs: number) => void {
  const nonces = database.prepare('DELETE FROM box_nonce WHERE used_at_ms < ?');
  const codes = database.prepare('DELETE FROM enrolment_code WHERE expires_at_ms < ?');
  const counters = database.prepare('DELETE FROM counter WHERE resets_at_ms < ?');
  const run = database.transaction((nowMs: number) => {
    nonces.run(nowMs - BOX_NONCE_KEPT_MS);
    codes.run(nowMs - ENROLMENT_CODE_KEPT_MS);
    counters.run(nowMs - COUNTER_KEPT_MS);
  });
  return (nowMs) => run.immediate(nowMs);
}

/**
 * @param file path of the database, made where it is missing
 * @throws Error where it cannot be opened or is of a newer program
 */
export function openSqliteStore(file: string, nowMs: number): Store {
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
    prune: async (nowMs) => prune(nowMs),
    close: async () => {
      database.close();
    },
  };
}
