/**
 * Decisions as both stores keep them: the columns have the same names, so one mapping gives the same record, and so the same
 * voucher, wherever the row is, and wherever it was moved from.
 */
import type { Action } from '@tapseal/shared/action';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { Decision, HoldState, RecordedDecision } from './records.js';
import { bytesOf, optional } from './row-values.js';

export type DecisionRow = {
  sequence: number;
  transaction_id: Uint8Array;
  granted: number;
  request_hash: Uint8Array;
  phone: Uint8Array;
  shopper: string;
  box: Uint8Array;
  touchpoint: string;
  box_nonce: Uint8Array;
  offer: string;
  offer_version: number;
  offer_hash: Uint8Array | null;
  amount_minor: number;
  awarded_minor: number | null;
  hold_ends_at_ms: number | null;
  decided_at_ms: number;
  manifest_version: number;
  receipts_through: number;
  box_manifest_version: number;
  voucher_key_id: Uint8Array;
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
