/**
 * The schema of the embedded database, as numbered steps that only go forward. A step that has shipped is never edited: a
 * change is a new step. Every table is keyed by programme first.
 */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Database } from 'better-sqlite3';
import { migrateLimits } from './sqlite-limits-migration.js';

type Step = (database: Database) => void;

/** The first is the database of the first release. */
export const steps: readonly Step[] = [
  (database) =>
    database.exec(`
  CREATE TABLE programme (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, time_zone TEXT NOT NULL, currency TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE manifest (
    programme TEXT NOT NULL REFERENCES programme, version INTEGER NOT NULL, bytes BLOB NOT NULL,
    PRIMARY KEY (programme, version)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE touchpoint (
    programme TEXT NOT NULL REFERENCES programme, name TEXT NOT NULL, title TEXT NOT NULL, place TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (programme, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE box (
    programme TEXT NOT NULL, id BLOB NOT NULL CHECK (length(id) = 8), name TEXT NOT NULL,
    certificate BLOB NOT NULL, enrolled_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER, revoked_reason TEXT, forked INTEGER NOT NULL DEFAULT 0,
    boot_counter INTEGER NOT NULL DEFAULT 0, manifest_version INTEGER NOT NULL DEFAULT 0,
    receipts_through INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL, advert_key BLOB NOT NULL, counter_s INTEGER NOT NULL, seen_at_ms INTEGER NOT NULL,
    refresh_at_ms INTEGER,
    PRIMARY KEY (programme, id),
    FOREIGN KEY (programme, name) REFERENCES touchpoint
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX box_active ON box (programme, name) WHERE revoked_at_ms IS NULL;
  CREATE INDEX box_of_touchpoint ON box (programme, name, enrolled_at_ms);
  CREATE INDEX box_due ON box (refresh_at_ms) WHERE refresh_at_ms IS NOT NULL;

  CREATE TABLE rotating_id (
    programme TEXT NOT NULL, rotating_id BLOB NOT NULL CHECK (length(rotating_id) = 8), box BLOB NOT NULL,
    epoch INTEGER NOT NULL, advert_key BLOB NOT NULL,
    PRIMARY KEY (programme, rotating_id),
    FOREIGN KEY (programme, box) REFERENCES box
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX rotating_id_of_box ON rotating_id (programme, box);

  CREATE TABLE enrolment_code (
    programme TEXT NOT NULL, secret_hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL, used_at_ms INTEGER,
    PRIMARY KEY (programme, secret_hash),
    FOREIGN KEY (programme, name) REFERENCES touchpoint
  ) STRICT;

  CREATE TABLE shopper (
    programme TEXT NOT NULL REFERENCES programme, id TEXT NOT NULL, reference BLOB,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (programme, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX shopper_reference ON shopper (programme, reference) WHERE reference IS NOT NULL;

  CREATE TABLE phone (
    programme TEXT NOT NULL, id BLOB NOT NULL CHECK (length(id) = 16), shopper TEXT NOT NULL,
    algorithm TEXT NOT NULL, certificate BLOB NOT NULL, registered_at_ms INTEGER NOT NULL,
    revoked_at_ms INTEGER, revoked_reason TEXT,
    PRIMARY KEY (programme, id),
    FOREIGN KEY (programme, shopper) REFERENCES shopper
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE offer (
    programme TEXT NOT NULL REFERENCES programme, id TEXT NOT NULL, version INTEGER NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0, created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (programme, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE offer_version (
    programme TEXT NOT NULL, offer TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (programme, offer, version),
    FOREIGN KEY (programme, offer) REFERENCES offer
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER offer_version_immutable BEFORE UPDATE ON offer_version
    BEGIN SELECT RAISE(ABORT, 'versions of offers are immutable'); END;

  CREATE TABLE offer_touchpoint (
    programme TEXT NOT NULL, touchpoint TEXT NOT NULL, offer TEXT NOT NULL,
    PRIMARY KEY (programme, touchpoint, offer),
    FOREIGN KEY (programme, touchpoint) REFERENCES touchpoint,
    FOREIGN KEY (programme, offer) REFERENCES offer
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE counter (
    programme TEXT NOT NULL, offer TEXT NOT NULL, key TEXT NOT NULL, used INTEGER NOT NULL,
    resets_at_ms INTEGER,
    PRIMARY KEY (programme, offer, key),
    FOREIGN KEY (programme, offer) REFERENCES offer
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX counter_reset ON counter (resets_at_ms) WHERE resets_at_ms IS NOT NULL;

  CREATE TABLE decision (
    programme TEXT NOT NULL REFERENCES programme, transaction_id BLOB NOT NULL CHECK (length(transaction_id) = 16),
    sequence INTEGER NOT NULL, granted INTEGER NOT NULL,
    request_hash BLOB NOT NULL, phone BLOB NOT NULL, shopper TEXT NOT NULL,
    box BLOB NOT NULL, touchpoint TEXT NOT NULL, box_nonce BLOB NOT NULL,
    offer TEXT NOT NULL, offer_version INTEGER NOT NULL, amount_minor INTEGER NOT NULL,
    decided_at_ms INTEGER NOT NULL, manifest_version INTEGER NOT NULL, receipts_through INTEGER NOT NULL,
    box_manifest_version INTEGER NOT NULL, voucher_key_id BLOB NOT NULL,
    action TEXT, code TEXT, rule TEXT, used INTEGER, maximum INTEGER, resets_at_ms INTEGER,
    PRIMARY KEY (programme, transaction_id),
    FOREIGN KEY (programme, box) REFERENCES box,
    FOREIGN KEY (programme, phone) REFERENCES phone,
    CHECK (CASE granted WHEN 1 THEN action IS NOT NULL AND code IS NULL ELSE action IS NULL AND code IS NOT NULL END)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX decision_sequence ON decision (programme, sequence, granted);

  CREATE TABLE box_nonce (
    programme TEXT NOT NULL, box BLOB NOT NULL, nonce BLOB NOT NULL, transaction_id BLOB NOT NULL,
    used_at_ms INTEGER NOT NULL,
    PRIMARY KEY (programme, box, nonce),
    FOREIGN KEY (programme, transaction_id) REFERENCES decision
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX box_nonce_used ON box_nonce (used_at_ms);

  CREATE TABLE receipt (
    programme TEXT NOT NULL, box BLOB NOT NULL, counter INTEGER NOT NULL, transaction_id BLOB NOT NULL,
    outcome TEXT NOT NULL, bytes BLOB NOT NULL, hash BLOB NOT NULL, previous_hash BLOB NOT NULL,
    received_at_ms INTEGER NOT NULL,
    PRIMARY KEY (programme, box, counter),
    UNIQUE (programme, transaction_id),
    FOREIGN KEY (programme, transaction_id) REFERENCES decision
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE token (
    programme TEXT NOT NULL, id TEXT NOT NULL UNIQUE, role TEXT NOT NULL, label TEXT NOT NULL,
    secret_hash BLOB NOT NULL, created_at_ms INTEGER NOT NULL, expires_at_ms INTEGER, revoked_at_ms INTEGER,
    PRIMARY KEY (programme, id)
  ) STRICT;

  CREATE TABLE audit (
    programme TEXT NOT NULL, sequence INTEGER NOT NULL, at_ms INTEGER NOT NULL, token TEXT NOT NULL,
    act TEXT NOT NULL, object TEXT NOT NULL,
    PRIMARY KEY (programme, sequence)
  ) STRICT, WITHOUT ROWID;
  `),
  migrateLimits,
];

export const SQLITE_NEWEST_STEP = steps.length;

/** The last step that was applied, 0 for a database without tables. Reads only. */
export function sqliteStep(database: Database): number {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'migration'").get();
  if (table === undefined) return 0;
  return database.prepare<[], number>('SELECT coalesce(max(step), 0) FROM migration').pluck().get() ?? 0;
}

/**
 * Brings the database to the newest step. Which step is next is read in the transaction that applies it: two processes may
 * start at once.
 * @param onStep is told of each step that was applied here
 * @throws TapsealError schema_newer
 */
export function migrate(database: Database, nowMs: number, onStep?: (step: number) => void): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (step INTEGER PRIMARY KEY, applied_at_ms INTEGER NOT NULL) STRICT',
  );
  const newest = database.prepare<[], number>('SELECT coalesce(max(step), 0) FROM migration').pluck();
  const record = database.prepare('INSERT INTO migration VALUES (?, ?)');
  const applyNext = database.transaction((): number | undefined => {
    const done = newest.get() ?? 0;
    if (done > steps.length) {
      throw new TapsealError(
        'schema_newer',
        `the database is at step ${done}, this program knows ${steps.length}: install the newer one`,
      );
    }
    const step = steps[done];
    if (step === undefined) return undefined;
    step(database);
    record.run(done + 1, nowMs);
    return done + 1;
  });
  for (;;) {
    // One step at a time, each durable before the next.
    const step = applyNext.immediate();
    if (step === undefined) return;
    onStep?.(step);
  }
}
