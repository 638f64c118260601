/**
 * Lookups by key that requests make all the time: those of one turn of the event loop are one statement for each programme,
 * so that in a cluster each goes to one shard.
 */
import { bytesToHex } from '@tapseal/shared/bytes';
import type pg from 'pg';
import { Gathering } from './gathering.js';
import type { Queries, Statement } from './postgres-connections.js';

const LOOKED_UP_AT_ONCE = 256;
/** Of a programme: a slow one must not hold up all others. */
const LOOKUPS_MAX = 2;

/**
 * @param statement takes a programme and an array of ids
 * @param idOf the id that a row answers
 * @returns looks one up, undefined where there is none
 */
export function postgresLookup<Row extends pg.QueryResultRow, Found>(
  queries: Queries,
  statement: Statement,
  idOf: (row: Row) => Uint8Array,
  foundOf: (row: Row) => Found,
): (programme: string, id: Uint8Array) => Promise<Found | undefined> {
  const gathering = new Gathering<Uint8Array, Found | undefined>(
    async (programme, ids) => {
      const rows = await queries.rows<Row>(statement, [programme, ids]);
      const found = new Map(rows.map((row) => [bytesToHex(idOf(row)), foundOf(row)]));
      return ids.map((id) => found.get(bytesToHex(id)));
    },
    { countMax: LOOKED_UP_AT_ONCE, runningMax: LOOKUPS_MAX },
  );
  return (programme, id) => gathering.ask(programme, id);
}
