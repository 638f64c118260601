/** Offers and their immutable versions, in SQLite. */
import type { Database } from 'better-sqlite3';
import { totalKey } from '../../decision/counters.js';
import type { OfferVersion } from '../../decision/offer.js';
import { offerVersionOf } from '../offer-version-row.js';
import type { OfferRecord, OfferVersionRecord } from '../records.js';
import { bytesOf } from '../row-values.js';
import type { NewOfferVersion, OfferStore, RedeemFacts } from '../store-port.js';
import type { SqliteCounters } from './sqlite-counters.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { Auditing } from './sqlite-rows.js';

/** Versions kept in memory as objects, a few kilobytes each. */
const VERSIONS_KEPT_MAX = 2_000;

type OfferRow = { id: string; version: number; paused: number; created_at_ms: number; hash: Buffer };

type VersionRow = { version: number; hash: Buffer; body: string; created_at_ms: number };

type Version = { readonly offer: OfferVersion; readonly hash: Uint8Array };

/**
 * Versions by their hash: so that one is never taken for another, whatever was rolled back. Each is read from its text once,
 * and the same object is handed out, so that what is derived from it is kept as well.
 */
function keptVersions(): (hash: Buffer, read: () => string) => Version {
  const kept = new Map<string, Version>();
  return (hash, read) => {
    const key = hash.toString('latin1');
    const known = kept.get(key);
    if (known !== undefined) return known;
    const version = { offer: offerVersionOf(read()), hash: bytesOf(hash) };
    const [oldest] = kept.size >= VERSIONS_KEPT_MAX ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    kept.set(key, version);
    return version;
  };
}

export type SqliteOffers = OfferStore & {
  /** To be called inside a transaction of the group commit. */
  factsOf(programme: string, id: string): RedeemFacts['offer'];
};

export function sqliteOffers(
  database: Database,
  parts: { commits: GroupCommit; audit: Auditing; counters: SqliteCounters },
): SqliteOffers {
  const { commits, audit, counters } = parts;
  const select = `SELECT o.id, o.version, o.paused, o.created_at_ms, v.hash FROM offer o
    JOIN offer_version v ON v.programme = o.programme AND v.offer = o.id AND v.version = o.version`;
  const find = database.prepare<[string, string], OfferRow>(`${select} WHERE o.programme = ? AND o.id = ?`);
  const list = database.prepare<[string], OfferRow>(`${select} WHERE o.programme = ? ORDER BY o.id`);
  const at = database.prepare<[string, string, string], OfferRow>(
    `${select} WHERE o.programme = ? AND o.id IN
       (SELECT offer FROM offer_touchpoint WHERE programme = ? AND touchpoint = ?) ORDER BY o.id`,
  );
  const bodyOf = database
    .prepare<[string, string, number], string>(
      'SELECT body FROM offer_version WHERE programme = ? AND offer = ? AND version = ?',
    )
    .pluck();
  const versions = database.prepare<[string, string, number, number], VersionRow>(
    `SELECT version, hash, body, created_at_ms FROM offer_version
     WHERE programme = ? AND offer = ? AND version < ? ORDER BY version DESC LIMIT ?`,
  );
  const insert = database.prepare(
    'INSERT INTO offer (programme, id, version, created_at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const setVersion = database.prepare('UPDATE offer SET version = ? WHERE programme = ? AND id = ?');
  const insertVersion = database.prepare(
    'INSERT INTO offer_version (programme, offer, version, body, hash, created_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertTouchpoint = database.prepare(
    'INSERT INTO offer_touchpoint (programme, touchpoint, offer) VALUES (?, ?, ?)',
  );
  const removeTouchpoint = database.prepare(
    'DELETE FROM offer_touchpoint WHERE programme = ? AND touchpoint = ? AND offer = ?',
  );
  const touchpoint = database
    .prepare<[string, string], string>('SELECT name FROM touchpoint WHERE programme = ? AND name = ?')
    .pluck();
  const pause = database.prepare('UPDATE offer SET paused = ? WHERE programme = ? AND id = ?');

  const keep = keptVersions();
  const versionOf = (programme: string, { id, version, hash }: OfferRow): Version =>
    keep(hash, () => bodyOf.get(programme, id, version) ?? '');
  const recordOf = (programme: string, row: OfferRow): OfferRecord => {
    const { offer, hash } = versionOf(programme, row);
    const { paused, created_at_ms: createdAtMs } = row;
    const granted = counters.total(programme, totalKey(row.id));
    return { offer, hash, paused: paused !== 0, createdAtMs, granted };
  };

  /** Of the transaction that is open: a batch mostly asks for the same few offers. */
  const looked = new Map<string, RedeemFacts['offer']>();
  const forget = (): void => looked.clear();
  commits.onBegin(forget);

  const unknownTouchpointOf = (programme: string, offer: OfferVersion) => {
    const unknown = offer.touchpoints.find((name) => touchpoint.get(programme, name) === undefined);
    return unknown === undefined ? undefined : { unknownTouchpoint: unknown };
  };
  const writeVersion = (
    programme: string,
    { offer, canonical, hash }: NewOfferVersion,
    atMs: number,
  ): void => {
    insertVersion.run(programme, offer.id, offer.version, canonical, hash, atMs);
    for (const name of offer.touchpoints) insertTouchpoint.run(programme, name, offer.id);
    forget();
  };

  return {
    factsOf: (programme, id) => {
      const key = `${programme}/${id}`;
      if (looked.has(key)) return looked.get(key);
      const row = find.get(programme, id);
      const found = row && versionOf(programme, row);
      const facts = row && found && { version: found.offer, hash: found.hash, paused: row.paused !== 0 };
      looked.set(key, facts);
      return facts;
    },
    addOffer: (programme, added, entry) =>
      commits.write(() => {
        const { offer } = added;
        const unknown = unknownTouchpointOf(programme, offer);
        if (unknown !== undefined) return unknown;
        if (insert.run(programme, offer.id, offer.version, entry.atMs).changes === 0) return 'taken';
        writeVersion(programme, added, entry.atMs);
        audit(programme, entry);
        return 'added';
      }),
    addOfferVersion: (programme, added, entry) =>
      commits.write(() => {
        const { offer } = added;
        const before = find.get(programme, offer.id);
        if (before === undefined) return 'unknown';
        if (offer.version !== before.version + 1) return 'conflict';
        const unknown = unknownTouchpointOf(programme, offer);
        if (unknown !== undefined) return unknown;
        for (const name of versionOf(programme, before).offer.touchpoints) {
          removeTouchpoint.run(programme, name, offer.id);
        }
        setVersion.run(offer.version, programme, offer.id);
        writeVersion(programme, added, entry.atMs);
        audit(programme, entry);
        return 'added';
      }),
    listOfferVersions: async (programme, id, { before = Number.MAX_SAFE_INTEGER, countMax }) =>
      versions.all(programme, id, before, countMax).map((row): OfferVersionRecord => {
        const { offer, hash } = keep(row.hash, () => row.body);
        return { offer, canonical: row.body, hash, createdAtMs: row.created_at_ms };
      }),
    findOffer: async (programme, id) => {
      const row = find.get(programme, id);
      return row && recordOf(programme, row);
    },
    listOffers: async (programme) => list.all(programme).map((row) => recordOf(programme, row)),
    offersAt: async (programme, name) =>
      at.all(programme, programme, name).map((row) => recordOf(programme, row)),
    setOfferPaused: (programme, id, paused, entry) =>
      commits.write(() => {
        if (pause.run(paused ? 1 : 0, programme, id).changes === 0) return false;
        forget();
        audit(programme, entry);
        return true;
      }),
    readCounters: async (programme, queries, nowMs) => counters.read(programme, queries, nowMs),
  };
}
