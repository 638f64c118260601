/** The record of administrative acts, in SQLite. */
import type { Database } from 'better-sqlite3';
import type { AuditEntry } from '../records.js';

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
