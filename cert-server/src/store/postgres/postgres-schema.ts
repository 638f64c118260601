/**
 * The schema in PostgreSQL, as numbered steps that only go forward. A step that has shipped is never edited: a change is a new
 * step. Tables and columns are those of the embedded database. The programme comes first in every key, so that a cluster can
 * shard by it; text in keys is ordered by its bytes, as everywhere else. Nothing here is PostgreSQL's alone: no sequences, no
 * triggers; and no foreign keys where a tap would pay for them. `IF NOT EXISTS` is for databases whose changes of the
 * schema are in no transaction.
 */

/** Text that is part of a key. */
const NAME = 'TEXT COLLATE "C" NOT NULL';

const steps: readonly string[] = [
  `
  CREATE TABLE IF NOT EXISTS programme (
    id ${NAME}, title TEXT NOT NULL, time_zone TEXT NOT NULL, currency TEXT NOT NULL, created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
  );

  CREATE TABLE IF NOT EXISTS manifest (
    programme ${NAME} REFERENCES programme (id), version BIGINT NOT NULL, bytes BYTEA NOT NULL,
    PRIMARY KEY (programme, version)
  );

  CREATE TABLE IF NOT EXISTS touchpoint (
    programme ${NAME} REFERENCES programme (id), name ${NAME}, title TEXT NOT NULL, place TEXT NOT NULL,
    labels TEXT NOT NULL, time_zone TEXT, created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, name)
  );

  CREATE TABLE IF NOT EXISTS box (
    programme ${NAME}, id BYTEA NOT NULL CHECK (octet_length(id) = 8), name ${NAME},
    certificate BYTEA NOT NULL, enrolled_at_ms BIGINT NOT NULL, revoked_at_ms BIGINT, revoked_reason TEXT,
    forked BIGINT NOT NULL DEFAULT 0, boot_counter BIGINT NOT NULL DEFAULT 0,
    manifest_version BIGINT NOT NULL DEFAULT 0, receipts_through BIGINT NOT NULL DEFAULT 0,
    epoch BIGINT NOT NULL, advert_key BYTEA NOT NULL, counter_s BIGINT NOT NULL, seen_at_ms BIGINT NOT NULL,
    refresh_at_ms BIGINT,
    PRIMARY KEY (programme, id),
    FOREIGN KEY (programme, name) REFERENCES touchpoint (programme, name)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS box_active ON box (programme, name) WHERE revoked_at_ms IS NULL;
  CREATE INDEX IF NOT EXISTS box_of_touchpoint ON box (programme, name, enrolled_at_ms);
  CREATE INDEX IF NOT EXISTS box_due ON box (refresh_at_ms) WHERE refresh_at_ms IS NOT NULL;

  CREATE TABLE IF NOT EXISTS rotating_id (
    programme ${NAME}, rotating_id BYTEA NOT NULL CHECK (octet_length(rotating_id) = 8), box BYTEA NOT NULL,
    epoch BIGINT NOT NULL, advert_key BYTEA NOT NULL,
    PRIMARY KEY (programme, rotating_id)
  );
  CREATE INDEX IF NOT EXISTS rotating_id_of_box ON rotating_id (programme, box, epoch);

  CREATE TABLE IF NOT EXISTS enrolment_code (
    programme ${NAME}, secret_hash BYTEA NOT NULL, name ${NAME}, expires_at_ms BIGINT NOT NULL, used_at_ms BIGINT,
    PRIMARY KEY (programme, secret_hash),
    FOREIGN KEY (programme, name) REFERENCES touchpoint (programme, name)
  );
  CREATE INDEX IF NOT EXISTS enrolment_code_expiry ON enrolment_code (expires_at_ms);
  CREATE INDEX IF NOT EXISTS enrolment_code_secret ON enrolment_code (secret_hash);
  CREATE INDEX IF NOT EXISTS enrolment_code_of_touchpoint ON enrolment_code (programme, name);

  CREATE TABLE IF NOT EXISTS shopper (
    programme ${NAME}, id ${NAME}, reference BYTEA, labels TEXT NOT NULL, created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, id)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS shopper_reference ON shopper (programme, reference) WHERE reference IS NOT NULL;

  CREATE TABLE IF NOT EXISTS phone (
    programme ${NAME}, id BYTEA NOT NULL CHECK (octet_length(id) = 16), shopper ${NAME},
    algorithm TEXT NOT NULL, certificate BYTEA NOT NULL, certificate_facts BYTEA, registered_at_ms BIGINT NOT NULL,
    revoked_at_ms BIGINT, revoked_reason TEXT,
    PRIMARY KEY (programme, id)
  );

  CREATE TABLE IF NOT EXISTS offer (
    programme ${NAME} REFERENCES programme (id), id ${NAME}, version BIGINT NOT NULL,
    paused BIGINT NOT NULL DEFAULT 0, created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, id)
  );

  CREATE TABLE IF NOT EXISTS offer_version (
    programme ${NAME}, offer ${NAME}, version BIGINT NOT NULL, body TEXT NOT NULL,
    hash BYTEA NOT NULL CHECK (octet_length(hash) = 32), created_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, offer, version),
    FOREIGN KEY (programme, offer) REFERENCES offer (programme, id)
  );

  CREATE TABLE IF NOT EXISTS offer_touchpoint (
    programme ${NAME}, touchpoint ${NAME}, offer ${NAME},
    PRIMARY KEY (programme, touchpoint, offer),
    FOREIGN KEY (programme, touchpoint) REFERENCES touchpoint (programme, name),
    FOREIGN KEY (programme, offer) REFERENCES offer (programme, id)
  );
  CREATE INDEX IF NOT EXISTS offer_touchpoint_of_offer ON offer_touchpoint (programme, offer);

  CREATE TABLE IF NOT EXISTS counter (
    programme ${NAME}, key ${NAME}, used BIGINT NOT NULL, held BIGINT NOT NULL, resets_at_ms BIGINT,
    last_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, key)
  );
  CREATE INDEX IF NOT EXISTS counter_reset ON counter (resets_at_ms) WHERE resets_at_ms IS NOT NULL;

  CREATE TABLE IF NOT EXISTS counter_event (
    programme ${NAME}, key ${NAME}, at_ms BIGINT NOT NULL, running BIGINT NOT NULL, amount BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, key, at_ms, running)
  );
  CREATE INDEX IF NOT EXISTS counter_event_expiry ON counter_event (expires_at_ms);

  CREATE TABLE IF NOT EXISTS hold (
    programme ${NAME}, transaction_id BYTEA NOT NULL, key ${NAME}, amount BIGINT NOT NULL, window_ms BIGINT,
    resets_at_ms BIGINT, ends_at_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'spent', 'released')),
    PRIMARY KEY (programme, transaction_id, key)
  );
  CREATE INDEX IF NOT EXISTS hold_of_counter ON hold (programme, key, ends_at_ms) WHERE state = 'held';
  CREATE INDEX IF NOT EXISTS hold_end ON hold (ends_at_ms) WHERE state = 'held';

  CREATE TABLE IF NOT EXISTS decision_sequence (
    programme ${NAME}, last BIGINT NOT NULL,
    PRIMARY KEY (programme)
  );

  CREATE TABLE IF NOT EXISTS decision (
    programme ${NAME}, sequence BIGINT NOT NULL,
    transaction_id BYTEA NOT NULL CHECK (octet_length(transaction_id) = 16), granted BIGINT NOT NULL,
    request_hash BYTEA NOT NULL, phone BYTEA NOT NULL, shopper TEXT NOT NULL,
    box BYTEA NOT NULL, touchpoint TEXT NOT NULL, box_nonce BYTEA NOT NULL,
    offer TEXT NOT NULL, offer_version BIGINT NOT NULL, offer_hash BYTEA,
    amount_minor BIGINT NOT NULL, awarded_minor BIGINT, hold_ends_at_ms BIGINT, decided_at_ms BIGINT NOT NULL,
    manifest_version BIGINT NOT NULL, receipts_through BIGINT NOT NULL, box_manifest_version BIGINT NOT NULL,
    voucher_key_id BYTEA NOT NULL, action TEXT, code TEXT, rule TEXT, used BIGINT, maximum BIGINT, resets_at_ms BIGINT,
    PRIMARY KEY (programme, sequence),
    CHECK (CASE granted WHEN 1 THEN action IS NOT NULL AND awarded_minor IS NOT NULL AND code IS NULL
      ELSE action IS NULL AND awarded_minor IS NULL AND code IS NOT NULL END)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS decision_transaction ON decision (programme, transaction_id);
  CREATE INDEX IF NOT EXISTS decision_grant ON decision (programme, sequence) WHERE granted = 1;

  CREATE TABLE IF NOT EXISTS box_nonce (
    programme ${NAME}, box BYTEA NOT NULL, nonce BYTEA NOT NULL, transaction_id BYTEA NOT NULL,
    used_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, box, nonce)
  );
  CREATE INDEX IF NOT EXISTS box_nonce_used ON box_nonce (used_at_ms);

  CREATE TABLE IF NOT EXISTS receipt (
    programme ${NAME}, box BYTEA NOT NULL, counter BIGINT NOT NULL, transaction_id BYTEA NOT NULL,
    outcome TEXT NOT NULL, bytes BYTEA NOT NULL, hash BYTEA NOT NULL, previous_hash BYTEA NOT NULL,
    received_at_ms BIGINT NOT NULL,
    PRIMARY KEY (programme, box, counter)
  );
  CREATE UNIQUE INDEX IF NOT EXISTS receipt_transaction ON receipt (programme, transaction_id);

  CREATE TABLE IF NOT EXISTS token (
    programme ${NAME}, id ${NAME}, role TEXT NOT NULL, label TEXT NOT NULL, secret_hash BYTEA NOT NULL,
    created_at_ms BIGINT NOT NULL, expires_at_ms BIGINT, revoked_at_ms BIGINT,
    PRIMARY KEY (programme, id)
  );
  CREATE INDEX IF NOT EXISTS token_id ON token (id);

  CREATE TABLE IF NOT EXISTS audit (
    programme ${NAME}, sequence BIGINT NOT NULL, at_ms BIGINT NOT NULL, token TEXT NOT NULL, act TEXT NOT NULL,
    object TEXT NOT NULL,
    PRIMARY KEY (programme, sequence)
  );
  `,
];

export const POSTGRES_NEWEST_STEP = steps.length;

/** @param step from 1 */
export function postgresStepText(step: number): string {
  const text = steps[step - 1];
  if (text === undefined) throw new RangeError(`there is no step ${step}`);
  return text;
}
