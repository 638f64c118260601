/** Offers, their immutable versions, and counters, in SQLite. */
import type { Database } from 'better-sqlite3';
import { TOTAL_COUNTER } from '../decision/counters.js';
import type { OfferVersion } from '../decision/offer.js';
import type { OfferRecord } from './records.js';
import type { Auditing } from './sqlite-rows.js';
import type { CounterIncrement, OfferStore } from './store-port.js';

type OfferRow = { body: string; paused: number; created_at_ms: number; granted: number | null };

function offerOf(row: OfferRow): OfferRecord {
  return {
    // Only makeOfferVersion's result is ever written here, so the type holds.
    offer: JSON.parse(row.body) as OfferVersion,
    paused: row.paused !== 0,
    createdAtMs: row.created_at_ms,
    granted: row.granted ?? 0,
  };
}

export type Counters = {
  read(programme: string, offer: string, keys: readonly string[]): Map<string, number>;
  increment(programme: string, offer: string, increments: readonly CounterIncrement[]): void;
};

/** To be called inside a transaction. */
export function sqliteCounters(database: Database): Counters {
  const read = database.prepare<[string, string, string], { used: number }>(
    'SELECT used FROM counter WHERE programme = ? AND offer = ? AND key = ?',
  );
  const increment = database.prepare(
    `INSERT INTO counter VALUES (?, ?, ?, 1, ?)
     ON CONFLICT (programme, offer, key) DO UPDATE SET used = used + 1`,
  );
  return {
    read: (programme, offer, keys) =>
      new Map(keys.map((key) => [key, read.get(programme, offer, key)?.used ?? 0])),
    increment: (programme, offer, increments) => {
      for (const { key, resetsAtMs } of increments) increment.run(programme, offer, key, resetsAtMs ?? null);
    },
  };
}

export type SqliteOffers = OfferStore & {
  /** To be called inside a transaction. */
  load(programme: string, id: string): OfferRecord | undefined;
};

export function sqliteOffers(database: Database, audit: Auditing, counters: Counters): SqliteOffers {
  const select = `SELECT v.body, o.paused, o.created_at_ms, c.used AS granted FROM offer o
    JOIN offer_version v ON v.programme = o.programme AND v.offer = o.id AND v.version = o.version
    LEFT JOIN counter c ON c.programme = o.programme AND c.offer = o.id AND c.key = '${TOTAL_COUNTER}'`;
  const find = database.prepare<[string, string], OfferRow>(`${select} WHERE o.programme = ? AND o.id = ?`);
  const list = database.prepare<[string], OfferRow>(`${select} WHERE o.programme = ? ORDER BY o.id`);
  const at = database.prepare<{ programme: string; name: string }, OfferRow>(
    `${select} WHERE o.programme = @programme AND o.id IN
       (SELECT offer FROM offer_touchpoint WHERE programme = @programme AND touchpoint = @name) ORDER BY o.id`,
  );
  const insert = database.prepare(
    'INSERT INTO offer (programme, id, version, created_at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const insertVersion = database.prepare('INSERT INTO offer_version VALUES (?, ?, ?, ?, ?)');
  const insertTouchpoint = database.prepare('INSERT INTO offer_touchpoint VALUES (?, ?, ?)');
  const touchpoint = database.prepare<[string, string], { name: string }>(
    'SELECT name FROM touchpoint WHERE programme = ? AND name = ?',
  );
  const pause = database.prepare('UPDATE offer SET paused = ? WHERE programme = ? AND id = ?');

  const add = database.transaction((...[programme, offer, entry]: Parameters<OfferStore['addOffer']>) => {
    const unknown = offer.touchpoints.find((name) => touchpoint.get(programme, name) === undefined);
    if (unknown !== undefined) return { unknownTouchpoint: unknown };
    if (insert.run(programme, offer.id, offer.version, entry.atMs).changes === 0) return 'taken';
    insertVersion.run(programme, offer.id, offer.version, JSON.stringify(offer), entry.atMs);
    for (const name of offer.touchpoints) insertTouchpoint.run(programme, name, offer.id);
    audit(programme, entry);
    return 'added';
  });
  const setPaused = database.transaction(
    (...[programme, id, paused, entry]: Parameters<OfferStore['setOfferPaused']>) => {
      if (pause.run(paused ? 1 : 0, programme, id).changes === 0) return false;
      audit(programme, entry);
      return true;
    },
  );
  const load = (programme: string, id: string): OfferRecord | undefined => {
    const row = find.get(programme, id);
    return row && offerOf(row);
  };
  return {
    load,
    addOffer: async (...args) => add.immediate(...args),
    findOffer: async (programme, id) => load(programme, id),
    listOffers: async (programme) => list.all(programme).map(offerOf),
    offersAt: async (programme, name) => at.all({ programme, name }).map(offerOf),
    setOfferPaused: async (...args) => setPaused.immediate(...args),
    readCounters: async (programme, offer, keys) => counters.read(programme, offer, keys),
  };
}
