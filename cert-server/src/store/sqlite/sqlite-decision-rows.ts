/** Decisions as rows of SQLite, both ways. Positional throughout: this is written and read for every tap. */
import type { Action } from '@tapseal/shared/action';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { Decision, HoldState, RecordedDecision } from '../records.js';
import { bytesOf, optional } from './sqlite-rows.js';

export type DecisionRow = {
  sequence: number;
  transaction_id: Buffer;
  granted: number;
  request_hash: Buffer;
  phone: Buffer;
  shopper: string;
  box: Buffer;
  touchpoint: string;
  box_nonce: Buffer;
  offer: string;
  offer_version: number;
  offer_hash: Buffer | null;
  amount_minor: number;
  awarded_minor: number | null;
  hold_ends_at_ms: number | null;
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
};

export type RecordedRow = DecisionRow & {
  outcome: string | null;
  counter: number | null;
  received_at_ms: number | null;
  hold_state: HoldState | null;
};

export function decisionOf(row: DecisionRow): Decision {
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
    offerHash: row.offer_hash === null ? undefined : bytesOf(row.offer_hash),
    amountMinor: row.amount_minor,
    decidedAtMs: row.decided_at_ms,
    manifestVersion: row.manifest_version,
    receiptsThrough: row.receipts_through,
    boxManifestVersion: row.box_manifest_version,
    voucherKeyId: bytesOf(row.voucher_key_id),
  };
  if (row.granted !== 0) {
    return {
      ...fields,
      granted: true,
      action: row.action as Action,
      awardedMinor: row.awarded_minor ?? row.amount_minor,
      holdEndsAtMs: optional(row.hold_ends_at_ms),
    };
  }
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

export function recordedOf(row: RecordedRow): RecordedDecision {
  const { outcome, counter, received_at_ms: receivedAtMs } = row;
  return {
    sequence: row.sequence,
    decision: decisionOf(row),
    receipt:
      outcome === null || counter === null || receivedAtMs === null
        ? undefined
        : { outcome: outcome as ReceiptOutcome, counter, receivedAtMs },
    hold: optional(row.hold_state),
  };
}

export const INSERT_DECISION = `INSERT INTO decision (
    programme, sequence, transaction_id, granted, request_hash, phone, shopper, box, touchpoint, box_nonce,
    offer, offer_version, offer_hash, amount_minor, decided_at_ms, manifest_version, receipts_through,
    box_manifest_version, voucher_key_id,
    action, awarded_minor, hold_ends_at_ms, code, rule, used, maximum, resets_at_ms
  ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** The parameters of INSERT_DECISION. */
export function parametersOf(programme: string, sequence: number, decision: Decision): unknown[] {
  const { granted } = decision;
  return [
    programme,
    sequence,
    decision.transactionId,
    granted ? 1 : 0,
    decision.requestHash,
    decision.phoneId,
    decision.shopper,
    decision.boxId,
    decision.touchpoint,
    decision.boxNonce,
    decision.offer,
    decision.offerVersion,
    decision.offerHash ?? null,
    decision.amountMinor,
    decision.decidedAtMs,
    decision.manifestVersion,
    decision.receiptsThrough,
    decision.boxManifestVersion,
    decision.voucherKeyId,
    granted ? decision.action : null,
    granted ? decision.awardedMinor : null,
    granted ? (decision.holdEndsAtMs ?? null) : null,
    granted ? null : decision.code,
    granted ? null : decision.rule,
    granted ? null : decision.used,
    granted ? null : decision.maximum,
    granted ? null : (decision.resetsAtMs ?? null),
  ];
}
