/** Programmes and their manifests, in SQLite. */
import { MANIFEST_REVOKED_MAX } from '@tapseal/shared/bounds';
import type { Database } from 'better-sqlite3';
import type { ProgrammeRecord } from '../records.js';
import { bytesOf } from '../row-values.js';
import type { ManifestSigning, ProgrammeStore } from '../store-port.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { RecordMemory } from './sqlite-record-memory.js';
import type { Auditing } from './sqlite-rows.js';

const REMEMBERED_MAX = 1_000;

export type ManifestPublishing = (programme: string, sign: ManifestSigning) => void;

/** To be called inside the transaction that makes the new manifest necessary. */
export function sqliteManifestPublishing(database: Database): ManifestPublishing {
  const last = database.prepare<[string], { version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM manifest WHERE programme = ?',
  );
  // The newest where there are more than a manifest holds: the server itself knows and refuses all of them.
  const revoked = database.prepare<[string], { id: Buffer }>(
    `SELECT id FROM box WHERE programme = ? AND revoked_at_ms IS NOT NULL
     ORDER BY revoked_at_ms DESC LIMIT ${MANIFEST_REVOKED_MAX}`,
  );
  const insert = database.prepare('INSERT INTO manifest (programme, version, bytes) VALUES (?, ?, ?)');
  return (programme, sign) => {
    const ids = revoked.all(programme).map((row) => bytesOf(row.id));
    const { version, bytes } = sign(programme, last.get(programme)?.version ?? 0, ids);
    insert.run(programme, version, bytes);
  };
}

export function sqliteProgrammes(
  database: Database,
  parts: { commits: GroupCommit; audit: Auditing; memory: RecordMemory; publishManifest: ManifestPublishing },
): ProgrammeStore {
  const { commits, audit, memory, publishManifest } = parts;
  const columns = 'id, title, time_zone AS timeZone, currency, created_at_ms AS createdAtMs';
  const insert = database.prepare(
    `INSERT INTO programme (id, title, time_zone, currency, created_at_ms)
     VALUES (@id, @title, @timeZone, @currency, @createdAtMs) ON CONFLICT DO NOTHING`,
  );
  const find = database.prepare<[string], ProgrammeRecord>(`SELECT ${columns} FROM programme WHERE id = ?`);
  const list = database.prepare<[], ProgrammeRecord>(`SELECT ${columns} FROM programme ORDER BY id`);
  const manifest = database.prepare<[string], { version: number; bytes: Buffer }>(
    'SELECT version, bytes FROM manifest WHERE programme = ? ORDER BY version DESC LIMIT 1',
  );
  const remembered = memory.records((programme) => find.get(programme), {
    idOf: () => '',
    countMax: REMEMBERED_MAX,
  });
  return {
    addProgramme: (programme, sign, entry) =>
      commits.write(() => {
        if (insert.run(programme).changes === 0) return false;
        publishManifest(programme.id, sign);
        audit(programme.id, entry);
        return true;
      }),
    findProgramme: async (id) => remembered.find(id, undefined),
    listProgrammes: async () => list.all(),
    findManifest: async (programme) => {
      const row = manifest.get(programme);
      return row && { version: row.version, bytes: bytesOf(row.bytes) };
    },
  };
}
