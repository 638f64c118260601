/** The index of rotating IDs and the anchors behind it, in SQLite. */
import type { Database } from 'better-sqlite3';
import type { AdvertWindow } from '../records.js';
import { bytesOf } from '../row-values.js';
import type { AdvertStore, DueWindow } from '../store-port.js';
import type { SqliteBoxes } from './sqlite-boxes.js';
import type { GroupCommit } from './sqlite-group-commit.js';

/**
 * The index is named because SQLite, without statistics, takes the primary key as just as good: it begins with the programme
 * too, and so every box would be looked at.
 */
export const ROTATING_IDS_OF_BOX = 'rotating_id INDEXED BY rotating_id_of_box';

type Hello = { readonly bootCounter: number; readonly manifestVersion: number };

export type WindowWriting = (
  programme: string,
  boxId: Uint8Array,
  window: AdvertWindow,
  hello?: Hello,
) => void;

/** To be called inside a transaction. */
export function sqliteWindowWriting(database: Database): WindowWriting {
  const anchor = database.prepare(
    `UPDATE box SET epoch = @epoch, advert_key = @advertKey, counter_s = @counterS, seen_at_ms = @seenAtMs,
       refresh_at_ms = @refreshAtMs
     WHERE programme = @programme AND id = @boxId AND revoked_at_ms IS NULL AND counter_s <= @counterS`,
  );
  const heard = database.prepare(
    `UPDATE box SET boot_counter = max(boot_counter, @bootCounter),
       manifest_version = max(manifest_version, @manifestVersion)
     WHERE programme = @programme AND id = @boxId`,
  );
  const forget = database.prepare(`DELETE FROM ${ROTATING_IDS_OF_BOX} WHERE programme = ? AND box = ?`);
  const insert = database.prepare(
    `INSERT OR REPLACE INTO rotating_id (programme, rotating_id, box, epoch, advert_key) VALUES (?, ?, ?, ?, ?)`,
  );
  return (programme, boxId, window, hello) => {
    if (hello !== undefined) heard.run({ programme, boxId, ...hello });
    const refreshAtMs = window.refreshAtMs ?? null;
    if (anchor.run({ programme, boxId, ...window.anchor, refreshAtMs }).changes === 0) return;
    forget.run(programme, boxId);
    for (const { rotatingId, epoch, advertKey } of window.ids) {
      insert.run(programme, rotatingId, boxId, epoch, advertKey);
    }
  };
}

type DueRow = {
  programme: string;
  id: Buffer;
  epoch: number;
  advert_key: Buffer;
  counter_s: number;
  seen_at_ms: number;
};

function dueWindowOf(row: DueRow, oldest: { epoch: number; advert_key: Buffer } | undefined): DueWindow {
  return {
    programme: row.programme,
    boxId: bytesOf(row.id),
    anchor: {
      epoch: row.epoch,
      advertKey: bytesOf(row.advert_key),
      counterS: row.counter_s,
      seenAtMs: row.seen_at_ms,
    },
    oldest: oldest && { epoch: oldest.epoch, advertKey: bytesOf(oldest.advert_key) },
  };
}

export function sqliteAdverts(
  database: Database,
  { commits, boxes, writeWindow }: { commits: GroupCommit; boxes: SqliteBoxes; writeWindow: WindowWriting },
): AdvertStore {
  const find = database.prepare<[string, Uint8Array], { box: Buffer; advert_key: Buffer }>(
    'SELECT box, advert_key FROM rotating_id WHERE programme = ? AND rotating_id = ?',
  );
  const due = database.prepare<[number, number], DueRow>(
    `SELECT programme, id, epoch, advert_key, counter_s, seen_at_ms FROM box
     WHERE refresh_at_ms <= ? ORDER BY refresh_at_ms LIMIT ?`,
  );
  const oldest = database.prepare<[string, Uint8Array], { epoch: number; advert_key: Buffer }>(
    `SELECT epoch, advert_key FROM ${ROTATING_IDS_OF_BOX} WHERE programme = ? AND box = ? ORDER BY epoch LIMIT 1`,
  );
  return {
    findRotatingId: async (programme, rotatingId) => {
      const row = find.get(programme, rotatingId);
      return row && { boxId: bytesOf(row.box), advertKey: bytesOf(row.advert_key) };
    },
    moveWindow: (programme, boxId, ...moved) =>
      commits.commit(() => () => {
        boxes.forget(programme, boxId);
        writeWindow(programme, boxId, ...moved);
      }),
    dueWindows: async (nowMs, countMax) =>
      due.all(nowMs, countMax).map((row) => dueWindowOf(row, oldest.get(row.programme, row.id))),
  };
}
