/** Receipts, in PostgreSQL. The rows of their boxes are locked first, then the counters of what their grants hold. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { ReceiptRecord } from '../records.js';
import type { ReceiptStore, ReceiptVerdict } from '../store-port.js';
import { int8Array } from './binary-array.js';
import {
  freshStatement,
  type PostgresConnections,
  type PostgresSession,
  statement,
} from './postgres-connections.js';
import { positions } from './postgres-rows.js';
import { settleHolds } from './postgres-settle-holds.js';
import { ReceiptChain, type ReceiptLink } from './receipt-chain.js';

const ADVANCED_AT_ONCE = 1_000;

const lockBoxes = freshStatement(
  'SELECT id, receipts_through FROM box WHERE programme = $1 AND id = ANY($2::bytea[]) ORDER BY id FOR UPDATE',
);
const neighbours =
  freshStatement(`SELECT r.box, r.counter, r.hash, r.previous_hash FROM unnest($2::bytea[], $3::bigint[]) AS q (box, counter)
   CROSS JOIN LATERAL (
     SELECT box, counter, hash, previous_hash FROM receipt
     WHERE programme = $1 AND box = q.box AND counter = q.counter LIMIT 1
   ) AS r`);
const ofTransactions = freshStatement(`SELECT q.transaction_id FROM unnest($2::bytea[]) AS q (transaction_id)
   WHERE (SELECT r.counter FROM receipt r WHERE r.programme = $1 AND r.transaction_id = q.transaction_id) IS NOT NULL`);
const insert = statement(
  'receipt-add',
  `INSERT INTO receipt (programme, box, counter, transaction_id, outcome, bytes, hash, previous_hash, received_at_ms)
   SELECT $1, q.box, q.counter, q.transaction_id, q.outcome, q.bytes, q.hash, q.previous_hash, $2
   FROM unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::bytea[], $7::text[], $8::bytea[], $9::bytea[], $10::bytea[])
     AS q (position, box, counter, transaction_id, outcome, bytes, hash, previous_hash)
   ORDER BY q.box, q.counter`,
);
const fork = freshStatement('UPDATE box SET forked = 1 WHERE programme = $1 AND id = ANY($2::bytea[])');
const following =
  freshStatement(`SELECT counter FROM receipt WHERE programme = $1 AND box = $2 AND counter > $3
   ORDER BY counter LIMIT ${ADVANCED_AT_ONCE}`);
const setThrough = freshStatement('UPDATE box SET receipts_through = $3 WHERE programme = $1 AND id = $2');

type NeighbourRow = { box: Uint8Array; counter: number; hash: Uint8Array; previous_hash: Uint8Array };

async function readChain(
  session: PostgresSession,
  programme: string,
  receipts: readonly ReceiptRecord[],
): Promise<ReceiptChain> {
  const places = receipts.flatMap(({ boxId, counter }) =>
    [counter - 1, counter, counter + 1].map((at) => ({ boxId, counter: at })),
  );
  const [links, known] = await Promise.all([
    session.rows<NeighbourRow>(neighbours, [
      programme,
      places.map(({ boxId }) => boxId),
      int8Array(places.map(({ counter }) => counter)),
    ]),
    session.rows<{ transaction_id: Uint8Array }>(ofTransactions, [
      programme,
      receipts.map(({ transactionId }) => transactionId),
    ]),
  ]);
  return new ReceiptChain(
    links.map(
      (row): ReceiptLink => ({
        boxId: row.box,
        counter: row.counter,
        hash: row.hash,
        previousHash: row.previous_hash,
      }),
    ),
    known.map(({ transaction_id }) => transaction_id),
  );
}

async function insertReceipts(
  session: PostgresSession,
  programme: string,
  receipts: readonly ReceiptRecord[],
  nowMs: number,
): Promise<void> {
  await session.run(insert, [
    programme,
    nowMs,
    positions(receipts.length),
    receipts.map(({ boxId }) => boxId),
    int8Array(receipts.map(({ counter }) => counter)),
    receipts.map(({ transactionId }) => transactionId),
    receipts.map(({ outcome }) => outcome),
    receipts.map(({ bytes }) => bytes),
    receipts.map(({ hash }) => hash),
    receipts.map(({ previousHash }) => previousHash),
  ]);
}

/** Up to where no counter is missing. */
async function advance(
  session: PostgresSession,
  programme: string,
  { id, receipts_through: start }: { id: Uint8Array; receipts_through: number },
): Promise<void> {
  let through = start;
  for (;;) {
    const rows = await session.rows<{ counter: number }>(following, [programme, id, through]);
    const gap = rows.findIndex(({ counter }, index) => counter !== through + 1 + index);
    through += gap < 0 ? rows.length : gap;
    if (gap >= 0 || rows.length < ADVANCED_AT_ONCE) break;
  }
  if (through > start) await session.run(setThrough, [programme, id, through]);
}

async function addAll(
  session: PostgresSession,
  programme: string,
  receipts: readonly ReceiptRecord[],
  nowMs: number,
): Promise<ReceiptVerdict[]> {
  const ids = receipts.map(({ boxId }) => boxId);
  const boxes = await session.rows<{ id: Uint8Array; receipts_through: number }>(lockBoxes, [programme, ids]);
  const chain = await readChain(session, programme, receipts);
  const verdicts = receipts.map((receipt) => chain.add(receipt));
  const stored = receipts.filter((_, index) => verdicts[index] === 'stored');
  const forked = receipts.filter((_, index) => verdicts[index] === 'conflict');
  if (forked.length > 0) await session.run(fork, [programme, forked.map(({ boxId }) => boxId)]);
  if (stored.length === 0) return verdicts;

  await settleHolds(session, programme, stored, nowMs);
  await insertReceipts(session, programme, stored, nowMs);
  const changed = new Set(stored.map(({ boxId }) => bytesToHex(boxId)));
  for (const box of boxes) if (changed.has(bytesToHex(box.id))) await advance(session, programme, box);
  return verdicts;
}

export function postgresReceipts(connections: PostgresConnections): ReceiptStore {
  return {
    addReceipts: async (programme, receipts, nowMs) =>
      receipts.length === 0
        ? []
        : connections.transaction((session) => addAll(session, programme, receipts, nowMs)),
  };
}
