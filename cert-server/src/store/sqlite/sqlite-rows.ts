/** Rows of SQLite to records: NULL becomes undefined, blobs become plain bytes, labels are read from their text. */
import type { Database } from 'better-sqlite3';
import { type Labels, NO_LABELS } from '../../decision/labels.js';
import type { AuditEntry } from '../records.js';

/** The same memory: better-sqlite3 gives each blob its own. */
export function bytesOf(blob: Buffer): Uint8Array {
  return new Uint8Array(blob.buffer, blob.byteOffset, blob.length);
}

export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** @param text written by `JSON.stringify` of labels, by a store */
export function labelsOf(text: string): Labels {
  return text === '{}' ? NO_LABELS : (JSON.parse(text) as Labels);
}

/** An act is recorded in the same transaction as what it did. */
export type Auditing = (programme: string, entry: AuditEntry) => void;

export function sqliteAuditing(database: Database): Auditing {
  const insert = database.prepare(
    `INSERT INTO audit (programme, sequence, at_ms, token, act, object)
     SELECT @programme, coalesce(max(sequence), 0) + 1, @atMs, @token, @act, @object
     FROM audit WHERE programme = @programme`,
  );
  return (programme, entry) => {
    insert.run({ programme, ...entry });
  };
}
