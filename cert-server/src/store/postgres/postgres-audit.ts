/** The record of administrative acts, in PostgreSQL: written in the same transaction as what was done. */
import type { AuditEntry } from '../records.js';
import { type PostgresSession, statement } from './postgres-connections.js';

const insert = statement(
  'audit-add',
  `INSERT INTO audit (programme, sequence, at_ms, token, act, object)
   SELECT $1, coalesce(max(sequence), 0) + 1, $2::bigint, $3::text, $4::text, $5::text FROM audit WHERE programme = $1`,
);

/** Two at once take the same number: one of them is run again. */
export async function addAudit(
  session: PostgresSession,
  programme: string,
  entry: AuditEntry,
): Promise<void> {
  const { atMs, token, act, object } = entry;
  await session.run(insert, [programme, atMs, token, act, object]);
}
