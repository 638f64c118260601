/** Rows of SQLite to records: NULL becomes undefined, blobs become plain bytes. */
import type { Database } from 'better-sqlite3';
import type { AuditEntry } from './records.js';

export function bytesOf(blob: Buffer): Uint8Array {
  return Uint8Array.from(blob);
}

export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** An act is recorded in the same transaction as what it did. */
export type Auditing = (programme: string, entry: AuditEntry) => void;

export function sqliteAuditing(database: Database): Auditing {
  const insert = database.prepare(
    `INSERT INTO audit SELECT @programme, coalesce(max(sequence), 0) + 1, @atMs, @token, @act, @object
     FROM audit WHERE programme = @programme`,
  );
  return (programme, entry) => {
    insert.run({ programme, ...entry });
  };
}
