/** Offers and their immutable versions, in PostgreSQL. */
import { totalKey } from '../../decision/counters.js';
import type { OfferVersion } from '../../decision/offer.js';
import type { OfferRecord, OfferVersionRecord } from '../records.js';
import type { NewOfferVersion, OfferStore } from '../store-port.js';
import type { KnownVersion, OfferVersions } from './offer-versions.js';
import { addAudit } from './postgres-audit.js';
import { type PostgresConnections, type PostgresSession, statement } from './postgres-connections.js';
import { readCounters } from './postgres-counters.js';

const select = `SELECT o.id, o.version, v.body, v.hash, o.paused, o.created_at_ms,
    (SELECT c.used + c.held FROM counter c WHERE c.programme = o.programme AND c.key = '${totalKey("' || o.id || '")}')
      AS granted
  FROM offer o JOIN offer_version v ON v.programme = o.programme AND v.offer = o.id AND v.version = o.version`;
const find = statement('offer-find', `${select} WHERE o.programme = $1 AND o.id = $2`);
const list = statement('offer-list', `${select} WHERE o.programme = $1 ORDER BY o.id`);
const at = statement(
  'offer-at',
  `${select} WHERE o.programme = $1
     AND o.id IN (SELECT offer FROM offer_touchpoint WHERE programme = $1 AND touchpoint = $2) ORDER BY o.id`,
);
const newest = statement(
  'offer-newest',
  `SELECT o.id, o.version, v.body, v.hash FROM offer o
   JOIN offer_version v ON v.programme = o.programme AND v.offer = o.id AND v.version = o.version
   WHERE o.programme = $1 AND o.id = ANY($2::text[])`,
);
const versions = statement(
  'offer-versions',
  `SELECT offer AS id, version, body, hash, created_at_ms FROM offer_version
   WHERE programme = $1 AND offer = $2 AND version < $3 ORDER BY version DESC LIMIT $4`,
);
const insert = statement(
  'offer-add',
  `INSERT INTO offer (programme, id, version, paused, created_at_ms) VALUES ($1, $2, $3, 0, $4) ON CONFLICT DO NOTHING`,
);
const lock = statement('offer-lock', 'SELECT version FROM offer WHERE programme = $1 AND id = $2 FOR UPDATE');
const setVersion = statement(
  'offer-version',
  'UPDATE offer SET version = $3 WHERE programme = $1 AND id = $2',
);
const insertVersion = statement(
  'offer-add-version',
  `INSERT INTO offer_version (programme, offer, version, body, hash, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
);
const leave = statement('offer-leave', 'DELETE FROM offer_touchpoint WHERE programme = $1 AND offer = $2');
const place = statement(
  'offer-place',
  `INSERT INTO offer_touchpoint (programme, touchpoint, offer) SELECT $1, q.name, $2 FROM unnest($3::text[]) AS q (name)`,
);
const knownTouchpoints = statement(
  'offer-touchpoints',
  'SELECT name FROM touchpoint WHERE programme = $1 AND name = ANY($2::text[])',
);
const pause = statement('offer-pause', 'UPDATE offer SET paused = $3 WHERE programme = $1 AND id = $2');

type VersionRow = { id: string; version: number; body: string; hash: Uint8Array };
type OfferRow = VersionRow & { paused: number; created_at_ms: number; granted: number | null };

/** Read for redemptions: the newest versions, by the id of the offer. */
export async function loadNewestVersions(
  connections: PostgresConnections,
  known: OfferVersions,
  programme: string,
  ids: readonly string[],
): Promise<Map<string, KnownVersion>> {
  const rows = await connections.rows<VersionRow>(newest, [programme, ids]);
  return new Map(rows.map((row) => [row.id, known.newest(programme, row)]));
}

async function unknownTouchpoint(
  session: PostgresSession,
  programme: string,
  names: readonly string[],
): Promise<string | undefined> {
  const rows = await session.rows<{ name: string }>(knownTouchpoints, [programme, names]);
  const known = new Set(rows.map(({ name }) => name));
  return names.find((name) => !known.has(name));
}

async function writeVersion(
  session: PostgresSession,
  programme: string,
  { offer, canonical, hash }: NewOfferVersion,
  atMs: number,
): Promise<void> {
  await session.run(insertVersion, [programme, offer.id, offer.version, canonical, hash, atMs]);
  await session.run(leave, [programme, offer.id]);
  await session.run(place, [programme, offer.id, offer.touchpoints]);
}

export function postgresOffers(connections: PostgresConnections, known: OfferVersions): OfferStore {
  const recordOf = (programme: string, row: OfferRow): OfferRecord => ({
    offer: known.of(programme, row).version,
    hash: row.hash,
    paused: row.paused !== 0,
    createdAtMs: row.created_at_ms,
    granted: row.granted ?? 0,
  });
  const versionOf = (programme: string, row: VersionRow & { created_at_ms: number }): OfferVersionRecord => ({
    offer: known.of(programme, row).version,
    canonical: row.body,
    hash: row.hash,
    createdAtMs: row.created_at_ms,
  });
  const unknown = (name: string) => ({ unknownTouchpoint: name });

  return {
    addOffer: (programme, version, entry) =>
      connections.transaction(async (session) => {
        const { offer } = version;
        const astray = await unknownTouchpoint(session, programme, offer.touchpoints);
        if (astray !== undefined) return unknown(astray);
        const added = await session.run(insert, [programme, offer.id, offer.version, entry.atMs]);
        if (added === 0) return 'taken';
        await writeVersion(session, programme, version, entry.atMs);
        await addAudit(session, programme, entry);
        return 'added';
      }),
    addOfferVersion: (programme, version, entry) =>
      connections.transaction(async (session) => {
        const offer: OfferVersion = version.offer;
        const [row] = await session.rows<{ version: number }>(lock, [programme, offer.id]);
        if (row === undefined) return 'unknown';
        if (offer.version !== row.version + 1) return 'conflict';
        const astray = await unknownTouchpoint(session, programme, offer.touchpoints);
        if (astray !== undefined) return unknown(astray);
        await writeVersion(session, programme, version, entry.atMs);
        await session.run(setVersion, [programme, offer.id, offer.version]);
        await addAudit(session, programme, entry);
        return 'added';
      }),
    listOfferVersions: async (programme, id, { before = Number.MAX_SAFE_INTEGER, countMax }) => {
      const rows = await connections.rows<VersionRow & { created_at_ms: number }>(versions, [
        programme,
        id,
        before,
        countMax,
      ]);
      return rows.map((row) => versionOf(programme, row));
    },
    findOffer: async (programme, id) => {
      const [row] = await connections.rows<OfferRow>(find, [programme, id]);
      return row && recordOf(programme, row);
    },
    listOffers: async (programme) =>
      (await connections.rows<OfferRow>(list, [programme])).map((row) => recordOf(programme, row)),
    offersAt: async (programme, touchpoint) =>
      (await connections.rows<OfferRow>(at, [programme, touchpoint])).map((row) => recordOf(programme, row)),
    setOfferPaused: (programme, id, paused, entry) =>
      connections.transaction(async (session) => {
        if ((await session.run(pause, [programme, id, paused ? 1 : 0])) === 0) return false;
        await addAudit(session, programme, entry);
        return true;
      }),
    readCounters: (programme, queries, nowMs) => readCounters(connections, programme, queries, nowMs),
  };
}
