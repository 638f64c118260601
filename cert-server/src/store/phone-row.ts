/** Phones as rows of either store, with the labels of their shopper. */
import type { KeyAlgorithm } from '@tapseal/shared/crypto-port';
import type { PhoneRecord } from './records.js';
import { bytesOf, labelsOf, optional } from './row-values.js';

export type PhoneRow = {
  id: Uint8Array;
  shopper: string;
  labels: string;
  algorithm: string;
  certificate: Uint8Array;
  certificate_facts: Uint8Array | null;
  registered_at_ms: number;
  revoked_at_ms: number | null;
  revoked_reason: string | null;
};

export function phoneOf(row: PhoneRow): PhoneRecord {
  return {
    id: bytesOf(row.id),
    shopper: row.shopper,
    shopperLabels: labelsOf(row.labels),
    // Only an algorithm of the protocol is ever written, so the type holds.
    algorithm: row.algorithm as KeyAlgorithm,
    certificate: bytesOf(row.certificate),
    certificateFacts: row.certificate_facts === null ? undefined : bytesOf(row.certificate_facts),
    registeredAtMs: row.registered_at_ms,
    revokedAtMs: optional(row.revoked_at_ms),
    revokedReason: optional(row.revoked_reason),
  };
}
