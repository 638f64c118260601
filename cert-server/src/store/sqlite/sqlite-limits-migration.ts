/**
 * Step 2 of the schema: limits of every kind. Counters are kept for the programme under keys that say what they count, offers
 * have the rules of docs/limits.md and a hash, grants can hold their places, and decisions lie in the order of their sequence.
 * Whatever the first step's program wrote is converted and kept. Foreign keys go where a redemption would pay for them.
 */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { totalKey } from '../../decision/counters.js';
import { NO_LABELS } from '../../decision/labels.js';
import type { OfferVersion } from '../../decision/offer.js';
import { canonicalOffer, offerHash } from '../../decision/offer-hash.js';
import type { Limit, OfferRules, Window } from '../../decision/offer-rules.js';

const hashing = { sha256: (data: Uint8Array) => createHash('sha256').update(data).digest() };

const DAY_MS = 86_400_000;

/** The first form of an offer's rules. */
type FirstRules = Omit<Window, 'dates' | 'recurrence' | 'holidays'> & {
  readonly max?: number;
  readonly perDay?: number;
  readonly perWeek?: number;
  readonly perMonth?: number;
  readonly validFrom?: string;
  readonly validTo?: string;
};

type FirstOffer = Omit<OfferVersion, 'rules' | 'keys'> & { readonly rules: FirstRules };

function rulesOf(first: FirstRules): OfferRules {
  const { max, perDay, perWeek, perMonth, from, until, weekdays, validFrom, validTo } = first;
  const ofShopper = (maximum: number, unit: 'day' | 'week' | 'month'): Limit => ({
    maximum,
    per: ['shopper'],
    period: { unit },
  });
  const limits: Limit[] = [
    ...(max === undefined ? [] : [{ maximum: max }]),
    ...(perDay === undefined ? [] : [ofShopper(perDay, 'day')]),
    ...(perWeek === undefined ? [] : [ofShopper(perWeek, 'week')]),
    ...(perMonth === undefined ? [] : [ofShopper(perMonth, 'month')]),
  ];
  const window: Window = {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(weekdays === undefined ? {} : { weekdays }),
  };
  return {
    ...(limits.length === 0 ? {} : { limits }),
    ...(Object.keys(window).length === 0 ? {} : { windows: [window] }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  };
}

function offerOf(first: FirstOffer): OfferVersion {
  const { id, version, title, touchpoints, action, amountMinor, currency, timeZone } = first;
  const rules = rulesOf(first.rules);
  return { id, version, title, touchpoints, action, amountMinor, currency, timeZone, keys: NO_LABELS, rules };
}

/** @param week of ISO 8601: `2026-W47` @returns the date of its Monday */
function mondayOf(week: string): string {
  const [year, number] = week.split('-W').map(Number);
  // 4 January is in week 1 of every year.
  const fourth = Date.UTC(year ?? Number.NaN, 0, 4);
  const sinceMonday = (new Date(fourth).getUTCDay() + 6) % 7;
  const monday = fourth + (((number ?? Number.NaN) - 1) * 7 - sinceMonday) * DAY_MS;
  return new Date(monday).toISOString().slice(0, 10);
}

/** `total`, or `shopper/<id>/<day|week|month>/<period>` of the first step. */
function counterKeyOf(offer: string, first: string): string {
  const total = totalKey(offer);
  if (first === 'total') return total;
  const [, shopper, unit, period = ''] = first.split('/');
  const start = unit === 'week' ? mondayOf(period) : unit === 'month' ? `${period}-01` : period;
  return `${total}|shopper/${shopper}|${unit}/${start}`;
}

function convertOffers(database: Database): void {
  const rows = database
    .prepare<[], { programme: string; offer: string; version: number; body: string; created_at_ms: number }>(
      'SELECT programme, offer, version, body, created_at_ms FROM offer_version_1',
    )
    .all();
  const insert = database.prepare(
    'INSERT INTO offer_version (programme, offer, version, body, hash, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  for (const { programme, offer, version, body, created_at_ms } of rows) {
    // Only the first step's program wrote here, so the type holds.
    const canonical = canonicalOffer(offerOf(JSON.parse(body) as FirstOffer));
    insert.run(programme, offer, version, canonical, offerHash(hashing, canonical), created_at_ms);
  }
}

/** To be called inside a transaction. What refers to a table is rebuilt before that table goes. */
export function migrateLimits(database: Database): void {
  database.exec(`
    ALTER TABLE touchpoint ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE touchpoint ADD COLUMN time_zone TEXT;
    ALTER TABLE phone ADD COLUMN certificate_facts BLOB;
    ALTER TABLE shopper ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';

    DROP TRIGGER offer_version_immutable;
    ALTER TABLE offer_version RENAME TO offer_version_1;
    CREATE TABLE offer_version (
      programme TEXT NOT NULL, offer TEXT NOT NULL, version INTEGER NOT NULL, body TEXT NOT NULL,
      hash BLOB NOT NULL CHECK (length(hash) = 32), created_at_ms INTEGER NOT NULL,
      PRIMARY KEY (programme, offer, version),
      FOREIGN KEY (programme, offer) REFERENCES offer
    ) STRICT, WITHOUT ROWID;
  `);
  convertOffers(database);
  database.function('counter_key_of', { deterministic: true }, (offer, key) =>
    counterKeyOf(String(offer), String(key)),
  );
  database.exec(`
    CREATE TRIGGER offer_version_immutable BEFORE UPDATE ON offer_version
      BEGIN SELECT RAISE(ABORT, 'versions of offers are immutable'); END;
    DROP TABLE offer_version_1;

    DROP INDEX counter_reset;
    ALTER TABLE counter RENAME TO counter_1;
    CREATE TABLE counter (
      programme TEXT NOT NULL, key TEXT NOT NULL, used INTEGER NOT NULL, held INTEGER NOT NULL,
      resets_at_ms INTEGER, last_at_ms INTEGER NOT NULL,
      PRIMARY KEY (programme, key)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO counter SELECT programme, counter_key_of(offer, key), used, 0, resets_at_ms, 0 FROM counter_1;
    DROP TABLE counter_1;
    CREATE INDEX counter_reset ON counter (resets_at_ms) WHERE resets_at_ms IS NOT NULL;

    CREATE TABLE counter_event (
      programme TEXT NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL, running INTEGER NOT NULL,
      amount INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL,
      PRIMARY KEY (programme, key, at_ms, running)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX counter_event_expiry ON counter_event (expires_at_ms);

    CREATE TABLE hold (
      programme TEXT NOT NULL, transaction_id BLOB NOT NULL, key TEXT NOT NULL, amount INTEGER NOT NULL,
      window_ms INTEGER, resets_at_ms INTEGER, ends_at_ms INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('held', 'spent', 'released')),
      PRIMARY KEY (programme, transaction_id, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX hold_of_counter ON hold (programme, key, ends_at_ms) WHERE state = 'held';
    CREATE INDEX hold_end ON hold (ends_at_ms, programme, transaction_id) WHERE state = 'held';

    ALTER TABLE decision RENAME TO decision_1;
    DROP INDEX decision_sequence;
    CREATE TABLE decision (
      programme TEXT NOT NULL, sequence INTEGER NOT NULL,
      transaction_id BLOB NOT NULL CHECK (length(transaction_id) = 16), granted INTEGER NOT NULL,
      request_hash BLOB NOT NULL, phone BLOB NOT NULL, shopper TEXT NOT NULL,
      box BLOB NOT NULL, touchpoint TEXT NOT NULL, box_nonce BLOB NOT NULL,
      offer TEXT NOT NULL, offer_version INTEGER NOT NULL, offer_hash BLOB,
      amount_minor INTEGER NOT NULL, awarded_minor INTEGER, hold_ends_at_ms INTEGER,
      decided_at_ms INTEGER NOT NULL, manifest_version INTEGER NOT NULL, receipts_through INTEGER NOT NULL,
      box_manifest_version INTEGER NOT NULL, voucher_key_id BLOB NOT NULL,
      action TEXT, code TEXT, rule TEXT, used INTEGER, maximum INTEGER, resets_at_ms INTEGER,
      PRIMARY KEY (programme, sequence),
      CHECK (CASE granted WHEN 1 THEN action IS NOT NULL AND awarded_minor IS NOT NULL AND code IS NULL
        ELSE action IS NULL AND awarded_minor IS NULL AND code IS NOT NULL END)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO decision
      SELECT d.programme, d.sequence, d.transaction_id, d.granted, d.request_hash, d.phone, d.shopper, d.box,
        d.touchpoint, d.box_nonce, d.offer, d.offer_version, v.hash,
        d.amount_minor, iif(d.granted = 1, d.amount_minor, NULL), NULL,
        d.decided_at_ms, d.manifest_version, d.receipts_through, d.box_manifest_version, d.voucher_key_id,
        d.action, d.code, d.rule, d.used, d.maximum, d.resets_at_ms
      FROM decision_1 d LEFT JOIN offer_version v
        ON v.programme = d.programme AND v.offer = d.offer AND v.version = d.offer_version
      ORDER BY d.programme, d.sequence;
    CREATE UNIQUE INDEX decision_transaction ON decision (programme, transaction_id);
    CREATE INDEX decision_grant ON decision (programme, sequence) WHERE granted = 1;

    ALTER TABLE box_nonce RENAME TO box_nonce_1;
    DROP INDEX box_nonce_used;
    CREATE TABLE box_nonce (
      programme TEXT NOT NULL, box BLOB NOT NULL, nonce BLOB NOT NULL, transaction_id BLOB NOT NULL,
      used_at_ms INTEGER NOT NULL,
      PRIMARY KEY (programme, box, nonce)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO box_nonce SELECT programme, box, nonce, transaction_id, used_at_ms FROM box_nonce_1;
    DROP TABLE box_nonce_1;
    CREATE INDEX box_nonce_used ON box_nonce (used_at_ms);

    ALTER TABLE receipt RENAME TO receipt_1;
    CREATE TABLE receipt (
      programme TEXT NOT NULL, box BLOB NOT NULL, counter INTEGER NOT NULL, transaction_id BLOB NOT NULL,
      outcome TEXT NOT NULL, bytes BLOB NOT NULL, hash BLOB NOT NULL, previous_hash BLOB NOT NULL,
      received_at_ms INTEGER NOT NULL,
      PRIMARY KEY (programme, box, counter),
      UNIQUE (programme, transaction_id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO receipt SELECT programme, box, counter, transaction_id, outcome, bytes, hash, previous_hash,
      received_at_ms FROM receipt_1;
    DROP TABLE receipt_1;
    DROP TABLE decision_1;
  `);
}
