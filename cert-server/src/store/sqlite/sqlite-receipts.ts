/**
 * Receipts, in SQLite: a chain for each box. Counters may arrive in any order; two different receipts for one counter or one
 * voucher, or a link that does not fit its neighbour, mean that two boxes hold one key (property 20).
 */
import { equalBytes } from '@tapseal/shared/bytes';
import { FIRST_PREVIOUS_HASH } from '@tapseal/shared/receipt';
import type { Database } from 'better-sqlite3';
import type { ReceiptRecord } from '../records.js';
import type { ReceiptStore, ReceiptVerdict } from '../store-port.js';
import type { SqliteBoxes } from './sqlite-boxes.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { SqliteHolds } from './sqlite-holds.js';

type ReceiptRow = { counter: number; hash: Buffer; previous_hash: Buffer };

export function sqliteReceipts(
  database: Database,
  { commits, boxes, holds }: { commits: GroupCommit; boxes: SqliteBoxes; holds: SqliteHolds },
): ReceiptStore {
  const at = database.prepare<[string, Uint8Array, number], ReceiptRow>(
    'SELECT counter, hash, previous_hash FROM receipt WHERE programme = ? AND box = ? AND counter = ?',
  );
  const ofTransaction = database.prepare<[string, Uint8Array], ReceiptRow>(
    'SELECT counter, hash, previous_hash FROM receipt WHERE programme = ? AND transaction_id = ?',
  );
  const insert = database.prepare(
    `INSERT INTO receipt (programme, box, counter, transaction_id, outcome, bytes, hash, previous_hash, received_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const fork = database.prepare('UPDATE box SET forked = 1 WHERE programme = ? AND id = ?');
  const through = database.prepare<[string, Uint8Array], { counter: number }>(
    'SELECT receipts_through AS counter FROM box WHERE programme = ? AND id = ?',
  );
  const setThrough = database.prepare('UPDATE box SET receipts_through = ? WHERE programme = ? AND id = ?');

  const fits = (programme: string, receipt: ReceiptRecord): boolean => {
    const { boxId, counter } = receipt;
    if (counter === 0) return false;
    const before = counter === 1 ? FIRST_PREVIOUS_HASH : at.get(programme, boxId, counter - 1)?.hash;
    const after = at.get(programme, boxId, counter + 1);
    return (
      (before === undefined || equalBytes(before, receipt.previousHash)) &&
      (after === undefined || equalBytes(after.previous_hash, receipt.hash)) &&
      ofTransaction.get(programme, receipt.transactionId) === undefined
    );
  };

  const advance = (programme: string, boxId: Uint8Array): void => {
    const start = through.get(programme, boxId)?.counter ?? 0;
    let counter = start;
    while (at.get(programme, boxId, counter + 1) !== undefined) counter += 1;
    if (counter > start) setThrough.run(counter, programme, boxId);
  };

  const addOne = (programme: string, receipt: ReceiptRecord, nowMs: number): ReceiptVerdict => {
    boxes.forget(programme, receipt.boxId);
    const present = at.get(programme, receipt.boxId, receipt.counter);
    if (present !== undefined && equalBytes(present.hash, receipt.hash)) return 'known';
    if (present !== undefined || !fits(programme, receipt)) {
      fork.run(programme, receipt.boxId);
      return 'conflict';
    }
    const { boxId, counter, transactionId, outcome, bytes, hash, previousHash } = receipt;
    insert.run(programme, boxId, counter, transactionId, outcome, bytes, hash, previousHash, nowMs);
    advance(programme, boxId);
    holds.settle(programme, transactionId, outcome, nowMs);
    return 'stored';
  };
  return {
    addReceipts: (programme, receipts, nowMs) =>
      commits.commit(() => () => receipts.map((receipt) => addOne(programme, receipt, nowMs))),
  };
}
