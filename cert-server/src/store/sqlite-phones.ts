/** Phones and the shoppers that they belong to, in SQLite. */
import type { KeyAlgorithm } from '@tapseal/shared/crypto-port';
import type { Database } from 'better-sqlite3';
import type { PhoneRecord } from './records.js';
import { type Auditing, bytesOf, optional } from './sqlite-rows.js';
import type { PhoneStore } from './store-port.js';

type PhoneRow = {
  id: Buffer;
  shopper: string;
  algorithm: string;
  certificate: Buffer;
  registered_at_ms: number;
  revoked_at_ms: number | null;
  revoked_reason: string | null;
};

function phoneOf(row: PhoneRow): PhoneRecord {
  return {
    id: bytesOf(row.id),
    shopper: row.shopper,
    algorithm: row.algorithm as KeyAlgorithm,
    certificate: bytesOf(row.certificate),
    registeredAtMs: row.registered_at_ms,
    revokedAtMs: optional(row.revoked_at_ms),
    revokedReason: optional(row.revoked_reason),
  };
}

export function sqlitePhones(database: Database, audit: Auditing): PhoneStore {
  const find = database.prepare<[string, Uint8Array], PhoneRow>(
    'SELECT * FROM phone WHERE programme = ? AND id = ?',
  );
  const list = database.prepare<[string, Uint8Array, number], PhoneRow>(
    'SELECT * FROM phone WHERE programme = ? AND id > ? ORDER BY id LIMIT ?',
  );
  const byReference = database.prepare<[string, Uint8Array], { id: string }>(
    'SELECT id FROM shopper WHERE programme = ? AND reference = ?',
  );
  const insertShopper = database.prepare('INSERT INTO shopper VALUES (?, ?, ?, ?)');
  const insert = database.prepare(
    `INSERT INTO phone (programme, id, shopper, algorithm, certificate, registered_at_ms)
     VALUES (@programme, @id, @shopper, @algorithm, @certificate, @registeredAtMs)`,
  );
  const renew = database.prepare('UPDATE phone SET certificate = ? WHERE programme = ? AND id = ?');
  const revoke = database.prepare(
    `UPDATE phone SET revoked_at_ms = ?, revoked_reason = ? WHERE programme = ? AND id = ? AND revoked_at_ms IS NULL`,
  );

  const register = database.transaction((...[programme, phone]: Parameters<PhoneStore['registerPhone']>) => {
    const { id, algorithm, certificate, registeredAtMs, shopperReference: reference } = phone;
    const known = reference && byReference.get(programme, reference)?.id;
    const existing = find.get(programme, id);
    if (existing !== undefined) {
      if (reference !== undefined && existing.shopper !== known) return 'conflict';
      if (existing.revoked_at_ms !== null) return phoneOf(existing);
      renew.run(certificate, programme, id);
      return phoneOf({ ...existing, certificate: Buffer.from(certificate) });
    }
    const shopper = known ?? phone.newShopper;
    if (known === undefined) insertShopper.run(programme, shopper, reference ?? null, registeredAtMs);
    insert.run({ programme, id, shopper, algorithm, certificate, registeredAtMs });
    return {
      id,
      shopper,
      algorithm,
      certificate,
      registeredAtMs,
      revokedAtMs: undefined,
      revokedReason: undefined,
    };
  });
  const revokeOne = database.transaction(
    (...[programme, id, reason, entry]: Parameters<PhoneStore['revokePhone']>) => {
      if (revoke.run(entry.atMs, reason ?? null, programme, id).changes === 0) return false;
      audit(programme, entry);
      return true;
    },
  );
  return {
    findPhone: async (programme, id) => {
      const row = find.get(programme, id);
      return row && phoneOf(row);
    },
    registerPhone: async (...args) => register.immediate(...args),
    listPhones: async (programme, after, countMax) =>
      list.all(programme, after ?? new Uint8Array(), countMax).map(phoneOf),
    revokePhone: async (...args) => revokeOne.immediate(...args),
  };
}
