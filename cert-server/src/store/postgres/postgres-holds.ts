/** Places that grants hold until their boxes confirm, in PostgreSQL. A grant holds, spends and frees all of its places together. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { DecisionStore, RedeemOutcome } from '../store-port.js';
import { int8Array } from './binary-array.js';
import { CounterLedger, NO_FACTS } from './counter-ledger.js';
import { addAudit } from './postgres-audit.js';
import {
  freshStatement,
  type PostgresConnections,
  type PostgresSession,
  type Queries,
  statement,
} from './postgres-connections.js';
import { lockCounters, writeCounters } from './postgres-counters.js';

/** One redemption frees no more than this, so that it never waits for thousands of others; upkeep frees the rest. */
const RELEASED_AT_ONCE = 100;

const add = statement(
  'hold-add',
  `INSERT INTO hold (programme, transaction_id, key, amount, window_ms, resets_at_ms, ends_at_ms, state)
   SELECT $1, q.transaction_id, q.key, q.amount, q.window_ms, q.resets_at_ms, q.ends_at_ms, 'held'
   FROM unnest($2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
     AS q (transaction_id, key, amount, window_ms, resets_at_ms, ends_at_ms)`,
);
// The keys of a grant never change, so these are all that its release will change.
const keysOf = statement(
  'hold-keys',
  'SELECT DISTINCT key FROM hold WHERE programme = $1 AND transaction_id = ANY($2::bytea[])',
);
const release = freshStatement(`UPDATE hold SET state = 'released'
   WHERE programme = $1 AND transaction_id = ANY($2::bytea[]) AND state = 'held'
   RETURNING transaction_id, key, amount`);
const ofGrant = statement(
  'hold-of-grant',
  'SELECT state FROM hold WHERE programme = $1 AND transaction_id = $2 LIMIT 1',
);
const endedOfKeys = freshStatement(`SELECT transaction_id FROM hold
   WHERE programme = $1 AND key = ANY($2::text[]) AND state = 'held' AND ends_at_ms <= $3
   GROUP BY transaction_id, ends_at_ms ORDER BY ends_at_ms, transaction_id LIMIT ${RELEASED_AT_ONCE}`);
const ended = statement(
  'hold-ended',
  `SELECT programme, transaction_id FROM hold WHERE state = 'held' AND ends_at_ms <= $1
   GROUP BY programme, transaction_id, ends_at_ms ORDER BY ends_at_ms, programme, transaction_id LIMIT $2`,
);

/** Of the grants among them that are counted when the box confirms. */
export async function addHolds(
  queries: Queries,
  programme: string,
  outcomes: readonly RedeemOutcome[],
): Promise<void> {
  const holds = outcomes.flatMap(({ decision, increments }) => {
    const endsAtMs = decision.granted ? decision.holdEndsAtMs : undefined;
    if (endsAtMs === undefined) return [];
    return increments.map((increment) => ({ ...increment, endsAtMs, transactionId: decision.transactionId }));
  });
  if (holds.length === 0) return;
  await queries.run(add, [
    programme,
    holds.map(({ transactionId }) => transactionId),
    holds.map(({ key }) => key),
    int8Array(holds.map(({ amount }) => amount)),
    int8Array(holds.map(({ windowMs }) => windowMs)),
    int8Array(holds.map(({ resetsAtMs }) => resetsAtMs)),
    int8Array(holds.map(({ endsAtMs }) => endsAtMs)),
  ]);
}

/** @returns how many grants of them were released here */
async function releaseGrants(
  session: PostgresSession,
  programme: string,
  transactions: readonly Uint8Array[],
): Promise<number> {
  const keys = (await session.rows<{ key: string }>(keysOf, [programme, transactions])).map(({ key }) => key);
  const ledger = new CounterLedger(keys, await lockCounters(session, programme, keys), NO_FACTS);
  const rows = await session.rows<{ transaction_id: Uint8Array; key: string; amount: number }>(release, [
    programme,
    transactions,
  ]);
  for (const { key, amount } of rows) ledger.unhold(key, amount);
  await writeCounters(session, programme, ledger);
  return new Set(rows.map(({ transaction_id }) => bytesToHex(transaction_id))).size;
}

/** The oldest that hold these counters and whose time is over. */
export async function releaseEndedOf(
  connections: PostgresConnections,
  programme: string,
  keys: readonly string[],
  nowMs: number,
): Promise<void> {
  const rows = await connections.rows<{ transaction_id: Uint8Array }>(endedOfKeys, [programme, keys, nowMs]);
  const transactions = rows.map(({ transaction_id }) => transaction_id);
  if (transactions.length === 0) return;
  await connections.transaction((session) => releaseGrants(session, programme, transactions));
}

export function postgresHolds(
  connections: PostgresConnections,
): Pick<DecisionStore, 'releaseHold' | 'releaseEndedHolds'> {
  return {
    releaseHold: (programme, transactionId, entry) =>
      connections.transaction(async (session) => {
        const [row] = await session.rows(ofGrant, [programme, transactionId]);
        if (row === undefined) return 'unknown';
        if ((await releaseGrants(session, programme, [transactionId])) === 0) return 'settled';
        await addAudit(session, programme, entry);
        return 'released';
      }),
    releaseEndedHolds: async (nowMs, countMax) => {
      const rows = await connections.rows<{ programme: string; transaction_id: Uint8Array }>(ended, [
        nowMs,
        countMax,
      ]);
      let released = 0;
      for (const programme of new Set(rows.map((row) => row.programme))) {
        const transactions = rows
          .filter((row) => row.programme === programme)
          .map(({ transaction_id }) => transaction_id);
        // In parts: nobody waits long for the counters of them all.
        for (let start = 0; start < transactions.length; start += RELEASED_AT_ONCE) {
          const part = transactions.slice(start, start + RELEASED_AT_ONCE);
          released += await connections.transaction((session) => releaseGrants(session, programme, part));
        }
      }
      return released;
    },
  };
}
