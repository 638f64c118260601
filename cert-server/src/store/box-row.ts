/** Boxes as rows of either store, with what their touchpoint says. */
import type { BoxRecord } from './records.js';
import { bytesOf, labelsOf, optional } from './row-values.js';

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

export function boxOf(row: BoxRow): BoxRecord {
  return {
    id: bytesOf(row.id),
    name: row.name,
    touchpointLabels: labelsOf(row.labels),
    touchpointTimeZone: optional(row.time_zone),
    certificate: bytesOf(row.certificate),
    enrolledAtMs: row.enrolled_at_ms,
    revokedAtMs: optional(row.revoked_at_ms),
    revokedReason: optional(row.revoked_reason),
    forked: row.forked !== 0,
    bootCounter: row.boot_counter,
    manifestVersion: row.manifest_version,
    receiptsThrough: row.receipts_through,
    anchor: {
      epoch: row.epoch,
      advertKey: bytesOf(row.advert_key),
      counterS: row.counter_s,
      seenAtMs: row.seen_at_ms,
    },
  };
}
