/** Phones and the shoppers that they belong to, in SQLite. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { Database } from 'better-sqlite3';
import { changeLabels } from '../change-labels.js';
import { type PhoneRow, phoneOf } from '../phone-row.js';
import type { PhoneRecord } from '../records.js';
import { labelsOf } from '../row-values.js';
import type { NewPhone, PhoneStore } from '../store-port.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { RecordMemory } from './sqlite-record-memory.js';
import type { Auditing } from './sqlite-rows.js';

/** A kilobyte or two each. */
const REMEMBERED_MAX = 10_000;

type ShopperRow = { id: string; labels: string; created_at_ms: number };

export function sqlitePhones(
  database: Database,
  { commits, audit, memory }: { commits: GroupCommit; audit: Auditing; memory: RecordMemory },
): PhoneStore {
  const select = `SELECT p.*, s.labels FROM phone p
    JOIN shopper s ON s.programme = p.programme AND s.id = p.shopper`;
  const find = database.prepare<[string, Uint8Array], PhoneRow>(
    `${select} WHERE p.programme = ? AND p.id = ?`,
  );
  const list = database.prepare<[string, Uint8Array, number], PhoneRow>(
    `${select} WHERE p.programme = ? AND p.id > ? ORDER BY p.id LIMIT ?`,
  );
  const findShopper = database.prepare<[string, string], ShopperRow>(
    'SELECT id, labels, created_at_ms FROM shopper WHERE programme = ? AND id = ?',
  );
  const setLabels = database.prepare('UPDATE shopper SET labels = ? WHERE programme = ? AND id = ?');
  const byReference = database.prepare<[string, Uint8Array], { id: string }>(
    'SELECT id FROM shopper WHERE programme = ? AND reference = ?',
  );
  const insertShopper = database.prepare(
    'INSERT INTO shopper (programme, id, reference, created_at_ms) VALUES (?, ?, ?, ?)',
  );
  const insert = database.prepare(
    `INSERT INTO phone (programme, id, shopper, algorithm, certificate, certificate_facts, registered_at_ms)
     VALUES (@programme, @id, @shopper, @algorithm, @certificate, @facts, @registeredAtMs)`,
  );
  const renew = database.prepare(
    'UPDATE phone SET certificate = ?, certificate_facts = ? WHERE programme = ? AND id = ?',
  );
  const revoke = database.prepare(
    `UPDATE phone SET revoked_at_ms = ?, revoked_reason = ? WHERE programme = ? AND id = ? AND revoked_at_ms IS NULL`,
  );

  const remembered = memory.records(
    (programme, id: Uint8Array) => {
      const row = find.get(programme, id);
      return row && phoneOf(row);
    },
    { idOf: bytesToHex, countMax: REMEMBERED_MAX },
  );

  const register = (programme: string, phone: NewPhone): PhoneRecord | 'conflict' => {
    const { id, algorithm, certificate, registeredAtMs, shopperReference: reference } = phone;
    const known = reference && byReference.get(programme, reference)?.id;
    const facts = phone.certificateFacts ?? null;
    remembered.forget(programme, id);
    const existing = find.get(programme, id);
    if (existing !== undefined) {
      if (reference !== undefined && existing.shopper !== known) return 'conflict';
      if (existing.revoked_at_ms !== null) return phoneOf(existing);
      renew.run(certificate, facts, programme, id);
      const certificateFacts = facts === null ? undefined : facts;
      return { ...phoneOf(existing), certificate, certificateFacts };
    }
    const shopper = known ?? phone.newShopper;
    if (known === undefined) insertShopper.run(programme, shopper, reference ?? null, registeredAtMs);
    insert.run({ programme, id, shopper, algorithm, certificate, facts, registeredAtMs });
    const added = find.get(programme, id);
    if (added === undefined) throw new Error('a phone has a row');
    return phoneOf(added);
  };
  return {
    findPhone: async (programme, id) => remembered.find(programme, id),
    registerPhone: (programme, phone) => commits.commit(() => () => register(programme, phone)),
    findShopper: async (programme, id) => {
      const row = findShopper.get(programme, id);
      return row && { id: row.id, labels: labelsOf(row.labels), createdAtMs: row.created_at_ms };
    },
    labelShopper: (programme, id, change, entry) =>
      commits.write(() => {
        const row = findShopper.get(programme, id);
        if (row === undefined) return 'unknown';
        const labels = changeLabels(labelsOf(row.labels), change);
        if (labels === undefined) return 'labels_full';
        setLabels.run(JSON.stringify(labels), programme, id);
        audit(programme, entry);
        return 'changed';
      }),
    listPhones: async (programme, after, countMax) =>
      list.all(programme, after ?? new Uint8Array(), countMax).map(phoneOf),
    revokePhone: (programme, id, reason, entry) =>
      commits.write(() => {
        if (revoke.run(entry.atMs, reason ?? null, programme, id).changes === 0) return false;
        audit(programme, entry);
        return true;
      }),
  };
}
