/** Boxes as rows of PostgreSQL, with what their touchpoint says. */
import type { BoxRecord } from '../records.js';
import { optional } from '../row-values.js';
import { labelsOf } from './postgres-rows.js';

export type BoxRow = {
  id: Uint8Array;
  name: string;
  labels: string;
  time_zone: string | null;
  certificate: Uint8Array;
  enrolled_at_ms: number;
  revoked_at_ms: number | null;
  revoked_reason: string | null;
  forked: number;
  boot_counter: number;
  manifest_version: number;
  receipts_through: number;
  epoch: number;
  advert_key: Uint8Array;
  counter_s: number;
  seen_at_ms: number;
};

export const BOX_COLUMNS = `b.id, b.name, t.labels, t.time_zone, b.certificate, b.enrolled_at_ms, b.revoked_at_ms,
  b.revoked_reason, b.forked, b.boot_counter, b.manifest_version, b.receipts_through, b.epoch, b.advert_key,
  b.counter_s, b.seen_at_ms`;

/** Each has one. Said so, it is looked up by its key, whatever the database knows of its tables. */
export const BOX_TOUCHPOINT = `CROSS JOIN LATERAL (
    SELECT labels, time_zone FROM touchpoint WHERE programme = b.programme AND name = b.name LIMIT 1
  ) AS t`;

export function boxOf(row: BoxRow): BoxRecord {
  return {
    id: row.id,
    name: row.name,
    touchpointLabels: labelsOf(row.labels),
    touchpointTimeZone: optional(row.time_zone),
    certificate: row.certificate,
    enrolledAtMs: row.enrolled_at_ms,
    revokedAtMs: optional(row.revoked_at_ms),
    revokedReason: optional(row.revoked_reason),
    forked: row.forked !== 0,
    bootCounter: row.boot_counter,
    manifestVersion: row.manifest_version,
    receiptsThrough: row.receipts_through,
    anchor: {
      epoch: row.epoch,
      advertKey: row.advert_key,
      counterS: row.counter_s,
      seenAtMs: row.seen_at_ms,
    },
  };
}
