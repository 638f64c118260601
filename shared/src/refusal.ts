/**
 * Refusal (docs/protocol.md §6.6): S → P, signed with a voucher key: which rule said no, how full it is, and when it resets.
 * A shopper can show it to the operator, and the operator cannot deny it.
 */
import {
  HASH_BYTES,
  REFUSAL_BYTES_MAX,
  REFUSAL_CODE_BYTES_MAX,
  REFUSAL_RULE_BYTES_MAX,
  TRANSACTION_ID_BYTES,
  UINT32_MAX,
  VOUCHER_KEY_ID_BYTES,
} from './bounds.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, sign1, verifySign1Async } from './cose-sign1.js';
import type { AsyncVerifying, Signer } from './crypto-port.js';
import { type ErrorCode, isErrorCode } from './error-codes.js';
import { assertBytes, assertText, assertUint, FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';
import { findVoucherKey, type VoucherKey } from './voucher-key.js';

export type Refusal = {
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  /** What refused: limit_reached, window_closed, offer_paused, … */
  readonly code: ErrorCode;
  /** The rule in words of the offer, for example `per shopper, week`. At most 120 bytes of UTF-8. */
  readonly rule: string;
  /** How much of the rule is used, and its maximum; both 0 where the rule does not count. */
  readonly used: number;
  readonly maximum: number;
  /** When the rule resets, in seconds since 1970; 0 for never. */
  readonly resetsAtS: number;
  readonly serverTimeS: number;
  /** SHA-256 of the signed request, 32 bytes. */
  readonly requestHash: Uint8Array;
};

export function signRefusal(refusal: Refusal, signer: Signer, keyId: Uint8Array): Uint8Array {
  assertBytes('transactionId', refusal.transactionId, TRANSACTION_ID_BYTES);
  assertText('rule', refusal.rule, REFUSAL_RULE_BYTES_MAX);
  assertUint('used', refusal.used, Number.MAX_SAFE_INTEGER);
  assertUint('maximum', refusal.maximum, Number.MAX_SAFE_INTEGER);
  assertUint('resetsAtS', refusal.resetsAtS, UINT32_MAX);
  assertUint('serverTimeS', refusal.serverTimeS, UINT32_MAX);
  assertBytes('requestHash', refusal.requestHash, HASH_BYTES);
  assertBytes('keyId', keyId, VOUCHER_KEY_ID_BYTES);
  const payload = encodeCbor([
    refusal.transactionId,
    refusal.code,
    refusal.rule,
    refusal.used,
    refusal.maximum,
    refusal.resetsAtS,
    refusal.serverTimeS,
    refusal.requestHash,
  ]);
  return sign1('refusal', payload, signer, keyId);
}

/** @throws TapsealError message_too_long, message_malformed, suite_unsupported, voucher_signature_invalid */
export async function verifyRefusal(
  verifying: AsyncVerifying,
  bytes: Uint8Array,
  keys: readonly VoucherKey[],
): Promise<Refusal> {
  const message = decodeSign1('refusal', bytes, {
    bytesMax: REFUSAL_BYTES_MAX,
    keyIdBytes: VOUCHER_KEY_ID_BYTES,
  });
  const fields = new FieldReader('refusal', decodeCbor(message.payload), 8);
  const refusal = {
    transactionId: fields.bytes('transactionId', TRANSACTION_ID_BYTES),
    code: fields.text('code', REFUSAL_CODE_BYTES_MAX),
    rule: fields.text('rule', REFUSAL_RULE_BYTES_MAX),
    used: fields.uint('used', Number.MAX_SAFE_INTEGER),
    maximum: fields.uint('maximum', Number.MAX_SAFE_INTEGER),
    resetsAtS: fields.uint('resetsAtS', UINT32_MAX),
    serverTimeS: fields.uint('serverTimeS', UINT32_MAX),
    requestHash: fields.bytes('requestHash', HASH_BYTES),
  };
  const { code } = refusal;
  if (!isErrorCode(code)) throw new TapsealError('message_malformed', 'refusal: code');
  const key = findVoucherKey(keys, message.keyId);
  if (key === undefined) throw new TapsealError('voucher_signature_invalid', 'refusal');
  await verifySign1Async(verifying, message, key.publicKey, 'voucher_signature_invalid');
  return { ...refusal, code };
}
