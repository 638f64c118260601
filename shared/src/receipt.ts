/**
 * Receipt (docs/protocol.md §6.7): T → P → S, the box's word what it did. Each names the hash of the one before, so that a
 * missing receipt shows, and a copied box forks the chain.
 */
import { HASH_BYTES, ID_BYTES, RECEIPT_BYTES_MAX, TRANSACTION_ID_BYTES, UINT32_MAX } from './bounds.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, type Sign1, sign1, verifySign1 } from './cose-sign1.js';
import type { PublicKey, Signer, Verifying } from './crypto-port.js';
import { assertBytes, assertUint, FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';

const outcomeCodes = {
  /** The actuator reported success. */
  actuated: 1,
  /** The actuator reported a fault. */
  failed: 2,
  /** Power was cut between the record and the actuator's report: it may or may not have acted, and will not act again. */
  interrupted: 3,
} as const;

export type ReceiptOutcome = keyof typeof outcomeCodes;

export type Receipt = {
  /** 8 bytes. */
  readonly touchpointId: Uint8Array;
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  /** SHA-256 of the signed voucher, 32 bytes. */
  readonly voucherHash: Uint8Array;
  readonly outcome: ReceiptOutcome;
  /** 1 for the first receipt of the box, then one more each. */
  readonly counter: number;
  /** SHA-256 of the signed receipt before this one, 32 bytes; zeros for the first. */
  readonly previousHash: Uint8Array;
};

export const FIRST_PREVIOUS_HASH = new Uint8Array(HASH_BYTES);

export function signReceipt(receipt: Receipt, signer: Signer): Uint8Array {
  assertBytes('touchpointId', receipt.touchpointId, ID_BYTES);
  assertBytes('transactionId', receipt.transactionId, TRANSACTION_ID_BYTES);
  assertBytes('voucherHash', receipt.voucherHash, HASH_BYTES);
  assertUint('counter', receipt.counter, UINT32_MAX, 1);
  assertBytes('previousHash', receipt.previousHash, HASH_BYTES);
  const payload = encodeCbor([
    receipt.touchpointId,
    receipt.transactionId,
    receipt.voucherHash,
    outcomeCodes[receipt.outcome],
    receipt.counter,
    receipt.previousHash,
  ]);
  return sign1('receipt', payload, signer);
}

/**
 * Reads a receipt before its signature is checked: its touchpoint id names the key to check it with.
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported
 */
export function decodeReceipt(bytes: Uint8Array): { readonly message: Sign1; readonly receipt: Receipt } {
  const message = decodeSign1('receipt', bytes, { bytesMax: RECEIPT_BYTES_MAX });
  const fields = new FieldReader('receipt', decodeCbor(message.payload), 6);
  return {
    message,
    receipt: {
      touchpointId: fields.bytes('touchpointId', ID_BYTES),
      transactionId: fields.bytes('transactionId', TRANSACTION_ID_BYTES),
      voucherHash: fields.bytes('voucherHash', HASH_BYTES),
      outcome: readOutcome(fields),
      counter: fields.uint('counter', UINT32_MAX, 1),
      previousHash: fields.bytes('previousHash', HASH_BYTES),
    },
  };
}

function readOutcome(fields: FieldReader): ReceiptOutcome {
  const code = fields.uint('outcome', 0xff);
  for (const outcome of ['actuated', 'failed', 'interrupted'] as const) {
    if (outcomeCodes[outcome] === code) return outcome;
  }
  throw new TapsealError('message_malformed', 'receipt: outcome');
}

/** @throws TapsealError suite_unsupported, receipt_signature_invalid */
export function verifyReceipt(verifying: Verifying, message: Sign1, touchpointKey: PublicKey): void {
  verifySign1(verifying, message, touchpointKey, 'receipt_signature_invalid');
}
