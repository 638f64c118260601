/** Touchpoints, the boxes enrolled under them, and enrolment codes, in SQLite. */
import type { Database } from 'better-sqlite3';
import type { BoxRecord, EnrolmentCodeRecord, TouchpointRecord } from './records.js';
import { ROTATING_IDS_OF_BOX, type WindowWriting } from './sqlite-adverts.js';
import type { ManifestPublishing } from './sqlite-programmes.js';
import { type Auditing, bytesOf, optional } from './sqlite-rows.js';
import type { TouchpointStore } from './store-port.js';

type BoxRow = {
  id: Buffer;
  name: string;
  certificate: Buffer;
  enrolled_at_ms: number;
  revoked_at_ms: number | null;
  revoked_reason: string | null;
  forked: number;
  boot_counter: number;
  manifest_version: number;
  receipts_through: number;
  epoch: number;
  advert_key: Buffer;
  counter_s: number;
  seen_at_ms: number;
};

function boxOf(row: BoxRow): BoxRecord {
  return {
    id: bytesOf(row.id),
    name: row.name,
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

type TouchpointRow = { name: string; title: string; place: string; createdAtMs: number };

type CodeRow = { programme: string; name: string; expires_at_ms: number; used_at_ms: number | null };

export function sqliteTouchpoints(
  database: Database,
  parts: { audit: Auditing; publishManifest: ManifestPublishing; writeWindow: WindowWriting },
): TouchpointStore {
  const { audit, publishManifest, writeWindow } = parts;
  const columns = 'name, title, place, created_at_ms AS createdAtMs';
  const insert = database.prepare(
    'INSERT INTO touchpoint VALUES (@programme, @name, @title, @place, @createdAtMs) ON CONFLICT DO NOTHING',
  );
  const find = database.prepare<[string, string], TouchpointRow>(
    `SELECT ${columns} FROM touchpoint WHERE programme = ? AND name = ?`,
  );
  const list = database.prepare<[string], TouchpointRow>(
    `SELECT ${columns} FROM touchpoint WHERE programme = ? ORDER BY name`,
  );
  // The active one first, else the one enrolled last.
  const boxOfName = database.prepare<[string, string], BoxRow>(
    `SELECT * FROM box INDEXED BY box_of_touchpoint WHERE programme = ? AND name = ?
     ORDER BY revoked_at_ms IS NOT NULL, enrolled_at_ms DESC LIMIT 1`,
  );
  const findBox = database.prepare<[string, Uint8Array], BoxRow>(
    'SELECT * FROM box WHERE programme = ? AND id = ?',
  );
  const highest = database.prepare<[string, Uint8Array], { counter: number }>(
    'SELECT coalesce(max(counter), 0) AS counter FROM receipt WHERE programme = ? AND box = ?',
  );
  const insertBox = database.prepare(
    `INSERT INTO box (programme, id, name, certificate, enrolled_at_ms, epoch, advert_key, counter_s, seen_at_ms)
     VALUES (@programme, @id, @name, @certificate, @enrolledAtMs, @epoch, @advertKey, @counterS, @seenAtMs)`,
  );
  const revokeBox = database.prepare<
    { programme: string; name: string; atMs: number; reason: string | null },
    { id: Buffer }
  >(
    `UPDATE box SET revoked_at_ms = @atMs, revoked_reason = @reason, refresh_at_ms = NULL
     WHERE programme = @programme AND name = @name AND revoked_at_ms IS NULL RETURNING id`,
  );
  const forgetIds = database.prepare(`DELETE FROM ${ROTATING_IDS_OF_BOX} WHERE programme = ? AND box = ?`);
  const insertCode = database.prepare(
    `INSERT INTO enrolment_code (programme, secret_hash, name, expires_at_ms)
     VALUES (@programme, @secretHash, @name, @expiresAtMs)`,
  );
  const dropOpenCodes = database.prepare(
    'DELETE FROM enrolment_code WHERE programme = ? AND name = ? AND used_at_ms IS NULL',
  );
  const findCode = database.prepare<[Uint8Array], CodeRow>(
    'SELECT programme, name, expires_at_ms, used_at_ms FROM enrolment_code WHERE secret_hash = ?',
  );
  const consumeCode = database.prepare<[number, Uint8Array, number], { programme: string; name: string }>(
    `UPDATE enrolment_code SET used_at_ms = ? WHERE secret_hash = ? AND used_at_ms IS NULL AND expires_at_ms > ?
     RETURNING programme, name`,
  );

  const recordOf = (programme: string, row: TouchpointRow): TouchpointRecord => {
    const box = boxOfName.get(programme, row.name);
    return {
      ...row,
      box: box && boxOf(box),
      receiptsHighest: box === undefined ? 0 : (highest.get(programme, box.id)?.counter ?? 0),
    };
  };

  const revokeActive = (programme: string, name: string, atMs: number, reason: string | null): boolean => {
    const revoked = revokeBox.get({ programme, name, atMs, reason });
    if (revoked !== undefined) forgetIds.run(programme, revoked.id);
    return revoked !== undefined;
  };

  const add = database.transaction(
    (...[programme, touchpoint, code, entry]: Parameters<TouchpointStore['addTouchpoint']>) => {
      if (insert.run({ programme, ...touchpoint }).changes === 0) return false;
      insertCode.run({ programme, name: touchpoint.name, ...code });
      audit(programme, entry);
      return true;
    },
  );
  const addCode = database.transaction(
    (...[programme, name, code, entry]: Parameters<TouchpointStore['addEnrolmentCode']>) => {
      if (find.get(programme, name) === undefined) return false;
      dropOpenCodes.run(programme, name);
      insertCode.run({ programme, name, ...code });
      audit(programme, entry);
      return true;
    },
  );
  const enrol = database.transaction(
    (...[secretHash, box, sign]: Parameters<TouchpointStore['enrolBox']>) => {
      const code = consumeCode.get(box.enrolledAtMs, secretHash, box.enrolledAtMs);
      if (code === undefined) return false;
      const { programme, name } = code;
      const replaced = revokeActive(programme, name, box.enrolledAtMs, 'replaced');
      const { id, certificate, enrolledAtMs, window } = box;
      insertBox.run({ programme, id, name, certificate, enrolledAtMs, ...window.anchor });
      writeWindow(programme, id, window);
      if (replaced) publishManifest(programme, sign);
      return true;
    },
  );
  const revoke = database.transaction(
    (...[programme, name, reason, sign, entry]: Parameters<TouchpointStore['revokeTouchpoint']>) => {
      const codes = dropOpenCodes.run(programme, name).changes;
      const revoked = revokeActive(programme, name, entry.atMs, reason ?? null);
      if (revoked) publishManifest(programme, sign);
      if (revoked || codes > 0) audit(programme, entry);
      return revoked || codes > 0;
    },
  );

  return {
    addTouchpoint: async (...args) => add.immediate(...args),
    findTouchpoint: async (programme, name) => {
      const row = find.get(programme, name);
      return row && recordOf(programme, row);
    },
    listTouchpoints: async (programme) => list.all(programme).map((row) => recordOf(programme, row)),
    addEnrolmentCode: async (...args) => addCode.immediate(...args),
    findEnrolmentCode: async (secretHash) => {
      const row = findCode.get(secretHash);
      return (
        row &&
        ({
          programme: row.programme,
          name: row.name,
          expiresAtMs: row.expires_at_ms,
          usedAtMs: optional(row.used_at_ms),
        } satisfies EnrolmentCodeRecord)
      );
    },
    enrolBox: async (...args) => enrol.immediate(...args),
    findBox: async (programme, id) => {
      const row = findBox.get(programme, id);
      return row && boxOf(row);
    },
    revokeTouchpoint: async (...args) => revoke.immediate(...args),
  };
}
