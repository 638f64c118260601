/** Decisions on their way into SQLite. Positional: this is written for every tap. */
import type { Decision } from '../records.js';

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
