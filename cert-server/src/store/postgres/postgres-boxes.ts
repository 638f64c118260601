/** Boxes in statements of PostgreSQL, with what their touchpoint says: box-row.ts reads the rows. */

export const BOX_COLUMNS = `b.id, b.name, t.labels, t.time_zone, b.certificate, b.enrolled_at_ms, b.revoked_at_ms,
  b.revoked_reason, b.forked, b.boot_counter, b.manifest_version, b.receipts_through, b.epoch, b.advert_key,
  b.counter_s, b.seen_at_ms`;

/** Each has one. Said so, it is looked up by its key, whatever the database knows of its tables. */
export const BOX_TOUCHPOINT = `CROSS JOIN LATERAL (
    SELECT labels, time_zone FROM touchpoint WHERE programme = b.programme AND name = b.name LIMIT 1
  ) AS t`;
