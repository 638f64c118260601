/** Rows of SQLite to records: labels are read from their text; and the record of administrative acts. */
import type { Database } from 'better-sqlite3';
import { type Labels, NO_LABELS } from '../../decision/labels.js';
import type { AuditEntry } from '../records.js';

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
