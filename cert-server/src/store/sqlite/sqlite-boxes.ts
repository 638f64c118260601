/** Boxes by their id, in SQLite: what a hello is checked against. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { Database } from 'better-sqlite3';
import { type BoxRow, boxOf } from '../box-row.js';
import type { BoxRecord } from '../records.js';
import type { RecordMemory, RememberedRecords } from './sqlite-record-memory.js';

/** A kilobyte or two each. */
const REMEMBERED_MAX = 5_000;

/** The touchpoint `t` of the box `b`. */
export const BOX_TOUCHPOINT = 'JOIN touchpoint t ON t.programme = b.programme AND t.name = b.name';

export type SqliteBoxes = RememberedRecords<Uint8Array, BoxRecord>;

export function sqliteBoxes(database: Database, memory: RecordMemory): SqliteBoxes {
  const select = database.prepare<[string, Uint8Array], BoxRow>(
    `SELECT b.*, t.labels, t.time_zone FROM box b ${BOX_TOUCHPOINT} WHERE b.programme = ? AND b.id = ?`,
  );
  return memory.records(
    (programme, id) => {
      const row = select.get(programme, id);
      return row && boxOf(row);
    },
    { idOf: bytesToHex, countMax: REMEMBERED_MAX },
  );
}
