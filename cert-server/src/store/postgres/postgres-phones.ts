/** Phones and the shoppers that they belong to, in PostgreSQL. */
import { changeLabels } from '../change-labels.js';
import { type PhoneRow, phoneOf } from '../phone-row.js';
import type { PhoneRecord } from '../records.js';
import { labelsOf } from '../row-values.js';
import type { PhoneStore } from '../store-port.js';
import { addAudit } from './postgres-audit.js';
import {
  freshStatement,
  type PostgresConnections,
  type PostgresSession,
  statement,
} from './postgres-connections.js';
import { postgresLookup } from './postgres-lookup.js';

const select = `SELECT p.id, p.shopper, p.algorithm, p.certificate, p.certificate_facts, p.registered_at_ms, p.revoked_at_ms, p.revoked_reason,
    (SELECT s.labels FROM shopper s WHERE s.programme = p.programme AND s.id = p.shopper) AS labels
  FROM phone p`;
const find = statement('phone-find', `${select} WHERE p.programme = $1 AND p.id = ANY($2::bytea[])`);
const list = statement('phone-list', `${select} WHERE p.programme = $1 AND p.id > $2 ORDER BY p.id LIMIT $3`);
const insert = statement(
  'phone-add',
  `INSERT INTO phone (programme, id, shopper, algorithm, certificate, certificate_facts, registered_at_ms)
   VALUES ($1, $2, $3, $4, $5, $6, $7)`,
);
const renew = statement(
  'phone-renew',
  'UPDATE phone SET certificate = $3, certificate_facts = $4 WHERE programme = $1 AND id = $2 AND revoked_at_ms IS NULL',
);
const revoke = statement(
  'phone-revoke',
  `UPDATE phone SET revoked_at_ms = $3, revoked_reason = $4
   WHERE programme = $1 AND id = $2 AND revoked_at_ms IS NULL`,
);
const byReference = freshStatement('SELECT id FROM shopper WHERE programme = $1 AND reference = $2');
const insertShopper = statement(
  'shopper-add',
  `INSERT INTO shopper (programme, id, reference, labels, created_at_ms) VALUES ($1, $2, $3, '{}', $4)`,
);
const findShopper = statement(
  'shopper-find',
  'SELECT id, labels, created_at_ms FROM shopper WHERE programme = $1 AND id = $2',
);
const lockShopper = statement(
  'shopper-lock',
  'SELECT labels FROM shopper WHERE programme = $1 AND id = $2 FOR UPDATE',
);
const label = statement('shopper-label', 'UPDATE shopper SET labels = $3 WHERE programme = $1 AND id = $2');

type ShopperRow = { id: string; labels: string; created_at_ms: number };

/** Two at once with the same id or reference: the database lets one in, the other is run again and finds it. */
async function register(
  session: PostgresSession,
  ...[programme, phone]: Parameters<PhoneStore['registerPhone']>
): Promise<PhoneRecord | 'conflict'> {
  const { id, algorithm, certificate, registeredAtMs, shopperReference: reference } = phone;
  const known = reference && (await session.rows<{ id: string }>(byReference, [programme, reference]))[0]?.id;
  const [existing] = await session.rows<PhoneRow>(find, [programme, [id]]);
  if (existing !== undefined) {
    if (reference !== undefined && existing.shopper !== known) return 'conflict';
    if (existing.revoked_at_ms !== null) return phoneOf(existing);
    await session.run(renew, [programme, id, certificate, phone.certificateFacts]);
  } else {
    const shopper = known ?? phone.newShopper;
    if (known === undefined)
      await session.run(insertShopper, [programme, shopper, reference, registeredAtMs]);
    await session.run(insert, [
      programme,
      id,
      shopper,
      algorithm,
      certificate,
      phone.certificateFacts,
      registeredAtMs,
    ]);
  }
  const [row] = await session.rows<PhoneRow>(find, [programme, [id]]);
  if (row === undefined) throw new Error('a phone that was just written is there');
  return phoneOf(row);
}

export function postgresPhones(connections: PostgresConnections): PhoneStore {
  return {
    findPhone: postgresLookup<PhoneRow, PhoneRecord>(connections, find, (row) => row.id, phoneOf),
    registerPhone: (programme, phone) =>
      connections.transaction((session) => register(session, programme, phone)),
    findShopper: async (programme, id) => {
      const [row] = await connections.rows<ShopperRow>(findShopper, [programme, id]);
      return row && { id: row.id, labels: labelsOf(row.labels), createdAtMs: row.created_at_ms };
    },
    labelShopper: (programme, id, labelChange, entry) =>
      connections.transaction(async (session) => {
        const [row] = await session.rows<{ labels: string }>(lockShopper, [programme, id]);
        if (row === undefined) return 'unknown';
        const labels = changeLabels(labelsOf(row.labels), labelChange);
        if (labels === undefined) return 'labels_full';
        await session.run(label, [programme, id, JSON.stringify(labels)]);
        await addAudit(session, programme, entry);
        return 'changed';
      }),
    listPhones: async (programme, after, countMax) => {
      const rows = await connections.rows<PhoneRow>(list, [programme, after ?? new Uint8Array(), countMax]);
      return rows.map(phoneOf);
    },
    revokePhone: (programme, id, reason, entry) =>
      connections.transaction(async (session) => {
        if ((await session.run(revoke, [programme, id, entry.atMs, reason])) === 0) return false;
        await addAudit(session, programme, entry);
        return true;
      }),
  };
}
