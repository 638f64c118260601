/** What the first receipt of a grant does to the places that it holds, in PostgreSQL: it counts them, or frees them. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { HoldState, ReceiptRecord } from '../records.js';
import { optional } from '../row-values.js';
import { CounterLedger, NO_FACTS } from './counter-ledger.js';
import { type PostgresSession, statement } from './postgres-connections.js';
import { lockCounters, writeCounters } from './postgres-counters.js';

const ofGrants = statement(
  'hold-of-grants',
  `SELECT transaction_id, key, amount, window_ms, resets_at_ms, state FROM hold
   WHERE programme = $1 AND transaction_id = ANY($2::bytea[]) ORDER BY transaction_id, key`,
);
const setState = statement(
  'hold-settle',
  'UPDATE hold SET state = $3 WHERE programme = $1 AND transaction_id = ANY($2::bytea[])',
);

type HoldRow = {
  transaction_id: Uint8Array;
  key: string;
  amount: number;
  window_ms: number | null;
  resets_at_ms: number | null;
  state: HoldState;
};

function settle(ledger: CounterLedger, hold: HoldRow, isFailed: boolean, nowMs: number): void {
  const { key, amount, state } = hold;
  if (state === 'held') ledger.unhold(key, amount);
  if (isFailed) return;
  const [windowMs, resetsAtMs] = [optional(hold.window_ms), optional(hold.resets_at_ms)];
  ledger.add(
    {
      key,
      amount,
      ...(windowMs === undefined ? {} : { windowMs }),
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    },
    nowMs,
  );
}

/** @param receipts the first of their grants, in the order in which they count */
export async function settleHolds(
  session: PostgresSession,
  programme: string,
  receipts: readonly ReceiptRecord[],
  nowMs: number,
): Promise<void> {
  const transactions = receipts.map(({ transactionId }) => transactionId);
  const before = await session.rows<HoldRow>(ofGrants, [programme, transactions]);
  if (before.length === 0) return;
  const keys = new Set(before.map(({ key }) => key));
  const states = await lockCounters(session, programme, [...keys]);
  // Again: they may have been released before the counters were locked.
  const rows = await session.rows<HoldRow>(ofGrants, [programme, transactions]);

  const ledger = new CounterLedger(keys, states, NO_FACTS);
  const settled: Record<'spent' | 'released', Uint8Array[]> = { spent: [], released: [] };
  for (const { transactionId, outcome } of receipts) {
    const grant = bytesToHex(transactionId);
    const holds = rows.filter((row) => bytesToHex(row.transaction_id) === grant);
    if (holds.length === 0) continue;
    const isFailed = outcome === 'failed';
    for (const hold of holds) settle(ledger, hold, isFailed, nowMs);
    settled[isFailed ? 'released' : 'spent'].push(transactionId);
  }
  await writeCounters(session, programme, ledger);
  for (const [state, grants] of Object.entries(settled)) {
    if (grants.length > 0) await session.run(setState, [programme, grants, state]);
  }
}
