/** Touchpoints, the boxes enrolled under them, and enrolment codes, in PostgreSQL. */
import { type BoxRow, boxOf } from '../box-row.js';
import { changeLabels } from '../change-labels.js';
import type { BoxRecord, TouchpointRecord } from '../records.js';
import { labelsOf, optional } from '../row-values.js';
import type { NewEnrolmentCode, TouchpointStore } from '../store-port.js';
import { forgetRotatingIds, writeWindow } from './postgres-adverts.js';
import { addAudit } from './postgres-audit.js';
import { BOX_COLUMNS, BOX_TOUCHPOINT } from './postgres-boxes.js';
import {
  freshStatement,
  type PostgresConnections,
  type PostgresSession,
  type Queries,
  statement,
} from './postgres-connections.js';
import { postgresLookup } from './postgres-lookup.js';
import { publishManifest } from './postgres-programmes.js';

const columns = 'name, title, place, labels, time_zone, created_at_ms';
const insert = statement(
  'touchpoint-add',
  `INSERT INTO touchpoint (programme, ${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
);
const find = statement(
  'touchpoint-find',
  `SELECT ${columns} FROM touchpoint WHERE programme = $1 AND name = $2`,
);
const lock = statement(
  'touchpoint-lock',
  `SELECT ${columns} FROM touchpoint WHERE programme = $1 AND name = $2 FOR UPDATE`,
);
const list = statement(
  'touchpoint-list',
  `SELECT ${columns} FROM touchpoint WHERE programme = $1 ORDER BY name`,
);
const change = statement(
  'touchpoint-change',
  'UPDATE touchpoint SET labels = $3, time_zone = $4 WHERE programme = $1 AND name = $2',
);
// Of each: the active one, else the one enrolled last.
const boxes = freshStatement(`SELECT ${BOX_COLUMNS}, (
     SELECT coalesce(max(r.counter), 0) FROM receipt r WHERE r.programme = b.programme AND r.box = b.id
   ) AS receipts_highest
   FROM box b ${BOX_TOUCHPOINT}
   WHERE b.programme = $1 AND b.name = ANY($2::text[]) AND b.id = (
     SELECT o.id FROM box o WHERE o.programme = b.programme AND o.name = b.name
     ORDER BY CASE WHEN o.revoked_at_ms IS NULL THEN 0 ELSE 1 END, o.enrolled_at_ms DESC LIMIT 1
   )`);
const findBox = freshStatement(
  `SELECT ${BOX_COLUMNS} FROM box b ${BOX_TOUCHPOINT} WHERE b.programme = $1 AND b.id = ANY($2::bytea[])`,
);
const insertBox = statement(
  'box-add',
  `INSERT INTO box (programme, id, name, certificate, enrolled_at_ms, epoch, advert_key, counter_s, seen_at_ms)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);
const revokeBox = statement(
  'box-revoke',
  `UPDATE box SET revoked_at_ms = $3, revoked_reason = $4, refresh_at_ms = NULL
   WHERE programme = $1 AND name = $2 AND revoked_at_ms IS NULL RETURNING id`,
);
const insertCode = statement(
  'code-add',
  'INSERT INTO enrolment_code (programme, secret_hash, name, expires_at_ms) VALUES ($1, $2, $3, $4)',
);
const dropOpenCodes = statement(
  'code-drop',
  'DELETE FROM enrolment_code WHERE programme = $1 AND name = $2 AND used_at_ms IS NULL',
);
const findCode = statement(
  'code-find',
  'SELECT programme, name, expires_at_ms, used_at_ms FROM enrolment_code WHERE secret_hash = $1',
);
const useCode = statement(
  'code-use',
  `UPDATE enrolment_code SET used_at_ms = $3
   WHERE programme = $1 AND secret_hash = $2 AND used_at_ms IS NULL AND expires_at_ms > $3`,
);

type TouchpointRow = {
  name: string;
  title: string;
  place: string;
  labels: string;
  time_zone: string | null;
  created_at_ms: number;
};

type CodeRow = { programme: string; name: string; expires_at_ms: number; used_at_ms: number | null };

async function recordsOf(
  queries: Queries,
  programme: string,
  rows: readonly TouchpointRow[],
): Promise<TouchpointRecord[]> {
  const names = rows.map(({ name }) => name);
  const found = await queries.rows<BoxRow & { receipts_highest: number }>(boxes, [programme, names]);
  const byName = new Map(found.map((row) => [row.name, row]));
  return rows.map((row) => {
    const box = byName.get(row.name);
    return {
      name: row.name,
      title: row.title,
      place: row.place,
      labels: labelsOf(row.labels),
      timeZone: optional(row.time_zone),
      createdAtMs: row.created_at_ms,
      box: box && boxOf(box),
      receiptsHighest: box?.receipts_highest ?? 0,
    };
  });
}

async function addCode(
  session: PostgresSession,
  programme: string,
  name: string,
  { secretHash, expiresAtMs }: NewEnrolmentCode,
): Promise<void> {
  await session.run(insertCode, [programme, secretHash, name, expiresAtMs]);
}

async function revokeActive(
  session: PostgresSession,
  programme: string,
  name: string,
  atMs: number,
  reason: string | undefined,
): Promise<boolean> {
  const [revoked] = await session.rows<{ id: Uint8Array }>(revokeBox, [programme, name, atMs, reason]);
  if (revoked === undefined) return false;
  await forgetRotatingIds(session, programme, revoked.id);
  return true;
}

export function postgresTouchpoints(connections: PostgresConnections): TouchpointStore {
  return {
    addTouchpoint: (programme, touchpoint, code, entry) =>
      connections.transaction(async (session) => {
        const { name, title, place, labels, timeZone, createdAtMs } = touchpoint;
        const row = [programme, name, title, place, JSON.stringify(labels), timeZone, createdAtMs];
        if ((await session.run(insert, row)) === 0) return false;
        await addCode(session, programme, name, code);
        await addAudit(session, programme, entry);
        return true;
      }),
    findTouchpoint: async (programme, name) => {
      const rows = await connections.rows<TouchpointRow>(find, [programme, name]);
      return rows.length === 0 ? undefined : (await recordsOf(connections, programme, rows))[0];
    },
    listTouchpoints: async (programme) =>
      recordsOf(connections, programme, await connections.rows<TouchpointRow>(list, [programme])),
    changeTouchpoint: (programme, name, { labels: labelChange, timeZone }, entry) =>
      connections.transaction(async (session) => {
        const [row] = await session.rows<TouchpointRow>(lock, [programme, name]);
        if (row === undefined) return 'unknown';
        const labels = changeLabels(labelsOf(row.labels), labelChange ?? {});
        if (labels === undefined) return 'labels_full';
        const zone = timeZone === undefined ? row.time_zone : timeZone;
        await session.run(change, [programme, name, JSON.stringify(labels), zone]);
        await addAudit(session, programme, entry);
        return 'changed';
      }),
    addEnrolmentCode: (programme, name, code, entry) =>
      connections.transaction(async (session) => {
        // Locked: of two at once one code stays open.
        const [row] = await session.rows<TouchpointRow>(lock, [programme, name]);
        if (row === undefined) return false;
        await session.run(dropOpenCodes, [programme, name]);
        await addCode(session, programme, name, code);
        await addAudit(session, programme, entry);
        return true;
      }),
    findEnrolmentCode: async (secretHash) => {
      const [row] = await connections.rows<CodeRow>(findCode, [secretHash]);
      return (
        row && {
          programme: row.programme,
          name: row.name,
          expiresAtMs: row.expires_at_ms,
          usedAtMs: optional(row.used_at_ms),
        }
      );
    },
    enrolBox: (secretHash, box, sign) =>
      connections.transaction(async (session) => {
        const [code] = await session.rows<CodeRow>(findCode, [secretHash]);
        if (code === undefined) return false;
        const { programme, name } = code;
        const { id, certificate, enrolledAtMs, window } = box;
        if ((await session.run(useCode, [programme, secretHash, enrolledAtMs])) === 0) return false;
        const replaced = await revokeActive(session, programme, name, enrolledAtMs, 'replaced');
        const { epoch, advertKey, counterS, seenAtMs } = window.anchor;
        const row = [programme, id, name, certificate, enrolledAtMs, epoch, advertKey, counterS, seenAtMs];
        await session.run(insertBox, row);
        await writeWindow(session, programme, id, window);
        if (replaced) await publishManifest(session, programme, sign);
        return true;
      }),
    findBox: postgresLookup<BoxRow, BoxRecord>(connections, findBox, (row) => row.id, boxOf),
    revokeTouchpoint: (programme, name, reason, sign, entry) =>
      connections.transaction(async (session) => {
        const codes = await session.run(dropOpenCodes, [programme, name]);
        const revoked = await revokeActive(session, programme, name, entry.atMs, reason);
        if (revoked) await publishManifest(session, programme, sign);
        if (revoked || codes > 0) await addAudit(session, programme, entry);
        return revoked || codes > 0;
      }),
  };
}
