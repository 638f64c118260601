/** Decisions, in SQLite: read, decide, write, in one immediate transaction, so that no two requests count from the same number. */
import type { Action } from '@tapseal/shared/action';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { Database } from 'better-sqlite3';
import type { Decision, RecordedDecision } from './records.js';
import type { Counters, SqliteOffers } from './sqlite-offers.js';
import { bytesOf, optional } from './sqlite-rows.js';
import type { DecisionStore, RedeemFacts } from './store-port.js';

type DecisionRow = {
  sequence: number;
  granted: number;
  transaction_id: Buffer;
  request_hash: Buffer;
  phone: Buffer;
  shopper: string;
  box: Buffer;
  touchpoint: string;
  box_nonce: Buffer;
  offer: string;
  offer_version: number;
  amount_minor: number;
  decided_at_ms: number;
  manifest_version: number;
  receipts_through: number;
  box_manifest_version: number;
  voucher_key_id: Buffer;
  action: string | null;
  code: string | null;
  rule: string | null;
  used: number | null;
  maximum: number | null;
  resets_at_ms: number | null;
  outcome: string | null;
  counter: number | null;
  received_at_ms: number | null;
};

function decisionOf(row: DecisionRow): Decision {
  const fields = {
    transactionId: bytesOf(row.transaction_id),
    requestHash: bytesOf(row.request_hash),
    phoneId: bytesOf(row.phone),
    shopper: row.shopper,
    boxId: bytesOf(row.box),
    touchpoint: row.touchpoint,
    boxNonce: bytesOf(row.box_nonce),
    offer: row.offer,
    offerVersion: row.offer_version,
    amountMinor: row.amount_minor,
    decidedAtMs: row.decided_at_ms,
    manifestVersion: row.manifest_version,
    receiptsThrough: row.receipts_through,
    boxManifestVersion: row.box_manifest_version,
    voucherKeyId: bytesOf(row.voucher_key_id),
  };
  if (row.granted !== 0) return { ...fields, granted: true, action: row.action as Action };
  return {
    ...fields,
    granted: false,
    code: row.code as ErrorCode,
    rule: row.rule ?? '',
    used: row.used ?? 0,
    maximum: row.maximum ?? 0,
    resetsAtMs: optional(row.resets_at_ms),
  };
}

function recordedOf(row: DecisionRow): RecordedDecision {
  const { outcome, counter, received_at_ms: receivedAtMs } = row;
  return {
    sequence: row.sequence,
    decision: decisionOf(row),
    receipt:
      outcome === null || counter === null || receivedAtMs === null
        ? undefined
        : { outcome: outcome as ReceiptOutcome, counter, receivedAtMs },
  };
}

function parametersOf(programme: string, decision: Decision): Record<string, unknown> {
  const outcome = decision.granted
    ? {
        granted: 1,
        action: decision.action,
        code: null,
        rule: null,
        used: null,
        maximum: null,
        resetsAtMs: null,
      }
    : { action: null, ...decision, granted: 0, resetsAtMs: decision.resetsAtMs ?? null };
  return { programme, ...decision, ...outcome };
}

export function sqliteDecisions(database: Database, offers: SqliteOffers, counters: Counters): DecisionStore {
  const select = `SELECT d.*, r.outcome, r.counter, r.received_at_ms FROM decision d
    LEFT JOIN receipt r ON r.programme = d.programme AND r.transaction_id = d.transaction_id`;
  const find = database.prepare<[string, Uint8Array], DecisionRow>(
    `${select} WHERE d.programme = ? AND d.transaction_id = ?`,
  );
  const oldest = database.prepare<[string, number, number, number], DecisionRow>(
    `${select} WHERE d.programme = ? AND d.sequence > ? AND d.granted >= ? ORDER BY d.sequence LIMIT ?`,
  );
  const newest = database.prepare<[string, number, number], DecisionRow>(
    `${select} WHERE d.programme = ? AND d.granted >= ? ORDER BY d.sequence DESC LIMIT ?`,
  );
  const last = database.prepare<[string], { sequence: number }>(
    'SELECT coalesce(max(sequence), 0) AS sequence FROM decision WHERE programme = ?',
  );
  const insert = database.prepare(
    `INSERT INTO decision VALUES (@programme, @transactionId,
       (SELECT coalesce(max(sequence), 0) + 1 FROM decision WHERE programme = @programme),
       @granted, @requestHash, @phoneId, @shopper, @boxId, @touchpoint, @boxNonce, @offer, @offerVersion, @amountMinor,
       @decidedAtMs, @manifestVersion, @receiptsThrough, @boxManifestVersion, @voucherKeyId,
       @action, @code, @rule, @used, @maximum, @resetsAtMs)`,
  );
  const nonce = database.prepare<[string, Uint8Array, Uint8Array], { transaction_id: Buffer }>(
    'SELECT transaction_id FROM box_nonce WHERE programme = ? AND box = ? AND nonce = ?',
  );
  const useNonce = database.prepare('INSERT INTO box_nonce VALUES (?, ?, ?, ?, ?)');
  const boxState = database.prepare<[string, string, Uint8Array], { version: number; through: number }>(
    `SELECT (SELECT max(version) FROM manifest WHERE programme = ?) AS version, receipts_through AS through
     FROM box WHERE programme = ? AND id = ?`,
  );

  const redeem = database.transaction((...[query, plan]: Parameters<DecisionStore['redeem']>) => {
    const { programme, transactionId, boxId, boxNonce } = query;
    const recorded = find.get(programme, transactionId);
    if (recorded !== undefined) return { decision: decisionOf(recorded), recordedBefore: true };

    const offer = offers.load(programme, query.offer);
    const state = boxState.get(programme, programme, boxId);
    const facts: RedeemFacts = {
      boxNonceUsed: nonce.get(programme, boxId, boxNonce) !== undefined,
      offer: offer && { version: offer.offer, paused: offer.paused },
      used: offer ? counters.read(programme, query.offer, plan.counterKeys(offer.offer)) : new Map(),
      manifestVersion: state?.version ?? 0,
      receiptsThrough: state?.through ?? 0,
    };
    const { decision, increments } = plan.decide(facts);

    insert.run(parametersOf(programme, decision));
    if (decision.granted) useNonce.run(programme, boxId, boxNonce, transactionId, decision.decidedAtMs);
    counters.increment(programme, query.offer, increments);
    return { decision, recordedBefore: false };
  });

  return {
    findDecision: async (programme, transactionId) => {
      const row = find.get(programme, transactionId);
      return row && recordedOf(row);
    },
    redeem: async (...args) => redeem.immediate(...args),
    listDecisions: async (programme, { after, countMax, refusals, newestFirst }) => {
      const grantedMin = refusals ? 0 : 1;
      const rows = newestFirst
        ? newest.all(programme, grantedMin, countMax)
        : oldest.all(programme, after, grantedMin, countMax);
      return rows.map(recordedOf);
    },
    lastSequence: async (programme) => last.get(programme)?.sequence ?? 0,
  };
}
