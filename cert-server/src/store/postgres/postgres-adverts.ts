/** The index of rotating IDs and the anchors behind it, in PostgreSQL. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { AdvertWindow } from '../records.js';
import type { AdvertStore } from '../store-port.js';
import { int8Array } from './binary-array.js';
import {
  freshStatement,
  type PostgresConnections,
  type PostgresSession,
  statement,
} from './postgres-connections.js';
import { postgresLookup } from './postgres-lookup.js';

const find =
  freshStatement(`SELECT q.rotating_id, r.box, r.advert_key FROM unnest($2::bytea[]) AS q (rotating_id)
   CROSS JOIN LATERAL (
     SELECT box, advert_key FROM rotating_id WHERE programme = $1 AND rotating_id = q.rotating_id LIMIT 1
   ) AS r`);
const anchor =
  freshStatement(`UPDATE box SET epoch = $3, advert_key = $4, counter_s = $5, seen_at_ms = $6, refresh_at_ms = $7
   WHERE programme = $1 AND id = $2 AND revoked_at_ms IS NULL AND counter_s <= $5`);
const heard = freshStatement(`UPDATE box SET boot_counter = greatest(boot_counter, $3::bigint),
     manifest_version = greatest(manifest_version, $4::bigint) WHERE programme = $1 AND id = $2`);
const forget = freshStatement('DELETE FROM rotating_id WHERE programme = $1 AND box = $2');
const insert = statement(
  'window-add',
  `INSERT INTO rotating_id (programme, rotating_id, box, epoch, advert_key)
   SELECT $1, q.rotating_id, $2, q.epoch, q.advert_key
   FROM unnest($3::bytea[], $4::bigint[], $5::bytea[]) AS q (rotating_id, epoch, advert_key) ORDER BY q.rotating_id
   ON CONFLICT (programme, rotating_id)
     DO UPDATE SET box = excluded.box, epoch = excluded.epoch, advert_key = excluded.advert_key`,
);
const due = statement(
  'window-due',
  `SELECT programme, id, epoch, advert_key, counter_s, seen_at_ms FROM box
   WHERE refresh_at_ms <= $1 ORDER BY refresh_at_ms LIMIT $2`,
);
const oldest =
  freshStatement(`SELECT q.programme, q.box, r.epoch, r.advert_key FROM unnest($1::text[], $2::bytea[]) AS q (programme, box)
   CROSS JOIN LATERAL (
     SELECT epoch, advert_key FROM rotating_id WHERE programme = q.programme AND box = q.box ORDER BY epoch LIMIT 1
   ) AS r`);

type AnchorRow = {
  programme: string;
  id: Uint8Array;
  epoch: number;
  advert_key: Uint8Array;
  counter_s: number;
  seen_at_ms: number;
};

type RotatingIdRow = { rotating_id: Uint8Array; box: Uint8Array; advert_key: Uint8Array };

type OldestRow = { programme: string; box: Uint8Array; epoch: number; advert_key: Uint8Array };

export async function forgetRotatingIds(
  session: PostgresSession,
  programme: string,
  box: Uint8Array,
): Promise<void> {
  await session.run(forget, [programme, box]);
}

/** To be called inside a transaction. */
export async function writeWindow(
  session: PostgresSession,
  programme: string,
  boxId: Uint8Array,
  window: AdvertWindow,
): Promise<void> {
  const { epoch, advertKey, counterS, seenAtMs } = window.anchor;
  const place = [programme, boxId, epoch, advertKey, counterS, seenAtMs, window.refreshAtMs];
  if ((await session.run(anchor, place)) === 0) return;
  await forgetRotatingIds(session, programme, boxId);
  if (window.ids.length === 0) return;
  await session.run(insert, [
    programme,
    boxId,
    window.ids.map(({ rotatingId }) => rotatingId),
    int8Array(window.ids.map((id) => id.epoch)),
    window.ids.map((id) => id.advertKey),
  ]);
}

export function postgresAdverts(connections: PostgresConnections): AdvertStore {
  return {
    findRotatingId: postgresLookup(
      connections,
      find,
      (row: RotatingIdRow) => row.rotating_id,
      (row) => ({ boxId: row.box, advertKey: row.advert_key }),
    ),
    moveWindow: (programme, boxId, window, hello) =>
      connections.transaction(async (session) => {
        if (hello !== undefined) {
          await session.run(heard, [programme, boxId, hello.bootCounter, hello.manifestVersion]);
        }
        await writeWindow(session, programme, boxId, window);
      }),
    dueWindows: async (nowMs, countMax) => {
      const rows = await connections.rows<AnchorRow>(due, [nowMs, countMax]);
      if (rows.length === 0) return [];
      const starts = await connections.rows<OldestRow>(oldest, [
        rows.map((row) => row.programme),
        rows.map((row) => row.id),
      ]);
      const nameOf = (programme: string, box: Uint8Array): string => `${programme} ${bytesToHex(box)}`;
      const byBox = new Map(starts.map((row) => [nameOf(row.programme, row.box), row]));
      return rows.map((row) => {
        const start = byBox.get(nameOf(row.programme, row.id));
        return {
          programme: row.programme,
          boxId: row.id,
          anchor: {
            epoch: row.epoch,
            advertKey: row.advert_key,
            counterS: row.counter_s,
            seenAtMs: row.seen_at_ms,
          },
          oldest: start && { epoch: start.epoch, advertKey: start.advert_key },
        };
      });
    },
  };
}
