/** Programmes and their manifests, in PostgreSQL. */
import { MANIFEST_REVOKED_MAX } from '@tapseal/shared/bounds';
import { BoundedMap } from '../bounded-map.js';
import type { ManifestRecord, ProgrammeRecord } from '../records.js';
import type { ManifestSigning, ProgrammeStore } from '../store-port.js';
import { addAudit } from './postgres-audit.js';
import { type PostgresConnections, type PostgresSession, statement } from './postgres-connections.js';

const PROGRAMMES_KNOWN_MAX = 10_000;

const insert = statement(
  'programme-add',
  `INSERT INTO programme (id, title, time_zone, currency, created_at_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
);
const addSequence = statement(
  'programme-add-sequence',
  'INSERT INTO decision_sequence (programme, last) VALUES ($1, 0)',
);
const find = statement(
  'programme-find',
  'SELECT id, title, time_zone, currency, created_at_ms FROM programme WHERE id = $1',
);
const list = statement(
  'programme-list',
  'SELECT id, title, time_zone, currency, created_at_ms FROM programme ORDER BY id',
);
const newest = statement(
  'manifest-newest',
  'SELECT version, bytes FROM manifest WHERE programme = $1 ORDER BY version DESC LIMIT 1',
);
const last = statement(
  'manifest-last',
  'SELECT coalesce(max(version), 0) AS version FROM manifest WHERE programme = $1',
);
// The newest where there are more than a manifest holds: the server itself knows and refuses all of them.
const revoked = statement(
  'manifest-revoked',
  `SELECT id FROM box WHERE programme = $1 AND revoked_at_ms IS NOT NULL
   ORDER BY revoked_at_ms DESC LIMIT ${MANIFEST_REVOKED_MAX}`,
);
const insertManifest = statement(
  'manifest-add',
  'INSERT INTO manifest (programme, version, bytes) VALUES ($1, $2, $3)',
);

type ProgrammeRow = { id: string; title: string; time_zone: string; currency: string; created_at_ms: number };

function programmeOf(row: ProgrammeRow): ProgrammeRecord {
  return {
    id: row.id,
    title: row.title,
    timeZone: row.time_zone,
    currency: row.currency,
    createdAtMs: row.created_at_ms,
  };
}

/** To be called in the transaction that makes the new manifest necessary. Two at once: one of them is run again. */
export async function publishManifest(
  session: PostgresSession,
  programme: string,
  sign: ManifestSigning,
): Promise<void> {
  const boxes = await session.rows<{ id: Uint8Array }>(revoked, [programme]);
  const [row] = await session.rows<{ version: number }>(last, [programme]);
  const ids = boxes.map(({ id }) => id);
  const { version, bytes } = sign(programme, row?.version ?? 0, ids);
  await session.run(insertManifest, [programme, version, bytes]);
}

export function postgresProgrammes(connections: PostgresConnections): ProgrammeStore {
  // A programme never changes once it is made.
  const known = new BoundedMap<string, ProgrammeRecord>(PROGRAMMES_KNOWN_MAX);
  return {
    addProgramme: (programme, sign, entry) =>
      connections.transaction(async (session) => {
        const { id, title, timeZone, currency, createdAtMs } = programme;
        if ((await session.run(insert, [id, title, timeZone, currency, createdAtMs])) === 0) return false;
        await session.run(addSequence, [id]);
        await publishManifest(session, id, sign);
        await addAudit(session, id, entry);
        return true;
      }),
    findProgramme: async (id) => {
      const before = known.get(id);
      if (before !== undefined) return before;
      const [row] = await connections.rows<ProgrammeRow>(find, [id]);
      if (row === undefined) return undefined;
      const found = programmeOf(row);
      known.set(id, found);
      return found;
    },
    listProgrammes: async () => (await connections.rows<ProgrammeRow>(list, [])).map(programmeOf),
    findManifest: async (programme) => {
      const [row] = await connections.rows<ManifestRecord>(newest, [programme]);
      return row && { version: row.version, bytes: row.bytes };
    },
  };
}
