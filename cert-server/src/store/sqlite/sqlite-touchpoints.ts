/** Touchpoints, the boxes enrolled under them, and enrolment codes, in SQLite. */
import type { Database } from 'better-sqlite3';
import { type BoxRow, boxOf } from '../box-row.js';
import { changeLabels } from '../change-labels.js';
import type { EnrolmentCodeRecord, TouchpointRecord } from '../records.js';
import { labelsOf, optional } from '../row-values.js';
import type { TouchpointStore } from '../store-port.js';
import { ROTATING_IDS_OF_BOX, type WindowWriting } from './sqlite-adverts.js';
import { BOX_TOUCHPOINT, type SqliteBoxes } from './sqlite-boxes.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { ManifestPublishing } from './sqlite-programmes.js';
import type { Auditing } from './sqlite-rows.js';

type TouchpointRow = {
  name: string;
  title: string;
  place: string;
  labels: string;
  time_zone: string | null;
  created_at_ms: number;
};

type CodeRow = { programme: string; name: string; expires_at_ms: number; used_at_ms: number | null };

export function sqliteTouchpoints(
  database: Database,
  parts: {
    commits: GroupCommit;
    audit: Auditing;
    boxes: SqliteBoxes;
    publishManifest: ManifestPublishing;
    writeWindow: WindowWriting;
  },
): TouchpointStore {
  const { commits, audit, boxes, publishManifest, writeWindow } = parts;
  const columns = 'name, title, place, labels, time_zone, created_at_ms';
  const insert = database.prepare(
    `INSERT INTO touchpoint (programme, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const change = database.prepare(
    'UPDATE touchpoint SET labels = ?, time_zone = ? WHERE programme = ? AND name = ?',
  );
  const find = database.prepare<[string, string], TouchpointRow>(
    `SELECT ${columns} FROM touchpoint WHERE programme = ? AND name = ?`,
  );
  const list = database.prepare<[string], TouchpointRow>(
    `SELECT ${columns} FROM touchpoint WHERE programme = ? ORDER BY name`,
  );
  // The active one first, else the one enrolled last.
  const boxOfName = database.prepare<[string, string], BoxRow>(
    `SELECT b.*, t.labels, t.time_zone FROM box b INDEXED BY box_of_touchpoint ${BOX_TOUCHPOINT}
     WHERE b.programme = ? AND b.name = ? ORDER BY b.revoked_at_ms IS NOT NULL, b.enrolled_at_ms DESC LIMIT 1`,
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
      name: row.name,
      title: row.title,
      place: row.place,
      labels: labelsOf(row.labels),
      timeZone: optional(row.time_zone),
      createdAtMs: row.created_at_ms,
      box: box && boxOf(box),
      receiptsHighest: box === undefined ? 0 : (highest.get(programme, box.id)?.counter ?? 0),
    };
  };

  const revokeActive = (programme: string, name: string, atMs: number, reason: string | null): boolean => {
    const revoked = revokeBox.get({ programme, name, atMs, reason });
    if (revoked !== undefined) forgetIds.run(programme, revoked.id);
    return revoked !== undefined;
  };

  return {
    addTouchpoint: (programme, touchpoint, code, entry) =>
      commits.write(() => {
        const { name, title, place, labels, timeZone = null, createdAtMs } = touchpoint;
        const text = JSON.stringify(labels);
        if (insert.run(programme, name, title, place, text, timeZone, createdAtMs).changes === 0)
          return false;
        insertCode.run({ programme, name, ...code });
        audit(programme, entry);
        return true;
      }),
    findTouchpoint: async (programme, name) => {
      const row = find.get(programme, name);
      return row && recordOf(programme, row);
    },
    listTouchpoints: async (programme) => list.all(programme).map((row) => recordOf(programme, row)),
    changeTouchpoint: (programme, name, { labels: labelChange, timeZone }, entry) =>
      commits.write(() => {
        const row = find.get(programme, name);
        if (row === undefined) return 'unknown';
        const labels = changeLabels(labelsOf(row.labels), labelChange ?? {});
        if (labels === undefined) return 'labels_full';
        const zone = timeZone === undefined ? row.time_zone : timeZone;
        change.run(JSON.stringify(labels), zone, programme, name);
        audit(programme, entry);
        return 'changed';
      }),
    addEnrolmentCode: (programme, name, code, entry) =>
      commits.write(() => {
        if (find.get(programme, name) === undefined) return false;
        dropOpenCodes.run(programme, name);
        insertCode.run({ programme, name, ...code });
        audit(programme, entry);
        return true;
      }),
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
    enrolBox: (secretHash, box, sign) =>
      commits.write(() => {
        const code = consumeCode.get(box.enrolledAtMs, secretHash, box.enrolledAtMs);
        if (code === undefined) return false;
        const { programme, name } = code;
        const replaced = revokeActive(programme, name, box.enrolledAtMs, 'replaced');
        const { id, certificate, enrolledAtMs, window } = box;
        insertBox.run({ programme, id, name, certificate, enrolledAtMs, ...window.anchor });
        writeWindow(programme, id, window);
        if (replaced) publishManifest(programme, sign);
        return true;
      }),
    findBox: async (programme, id) => boxes.find(programme, id),
    revokeTouchpoint: (programme, name, reason, sign, entry) =>
      commits.write(() => {
        const codes = dropOpenCodes.run(programme, name).changes;
        const revoked = revokeActive(programme, name, entry.atMs, reason ?? null);
        if (revoked) publishManifest(programme, sign);
        if (revoked || codes > 0) audit(programme, entry);
        return revoked || codes > 0;
      }),
  };
}
