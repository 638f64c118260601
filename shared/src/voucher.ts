/**
 * Voucher (docs/protocol.md §6.5): S → P → T, the server's word that one box may act once. It names the box, the box's own
 * nonce and the transaction; the hash of the request binds it to what the shopper approved, the hash of the offer to the rules
 * by which it was granted. Of both it has the first 16 bytes (truncated-hash.ts), and the JWS form all 32.
 */
import { type Action, actionCode, actionOfCode } from './action.js';
import {
  AMOUNT_MINOR_MAX,
  BOX_NONCE_BYTES,
  ID_BYTES,
  TRANSACTION_ID_BYTES,
  TRUNCATED_HASH_BYTES,
  UINT32_MAX,
  VOUCHER_BYTES_MAX,
  VOUCHER_KEY_ID_BYTES,
} from './bounds.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, type Sign1, sign1, sign1Async, verifySign1, verifySign1Async } from './cose-sign1.js';
import type { AsyncSigner, AsyncVerifying, PublicKey, Signer, Verifying } from './crypto-port.js';
import { assertBytes, assertUint, FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';
import { findVoucherKey, type VoucherKey } from './voucher-key.js';

export type Voucher = {
  /** 8 bytes. */
  readonly touchpointId: Uint8Array;
  /** 16 bytes, from the hello. */
  readonly boxNonce: Uint8Array;
  /** 16 bytes. */
  readonly transactionId: Uint8Array;
  readonly action: Action;
  /** Minor units. What is granted: at most what the shopper approved, and less where a limit awards a part. */
  readonly amountMinor: number;
  /** The server's time, in seconds since 1970; the box's idea of time moves forwards by it. */
  readonly serverTimeS: number;
  /** The newest manifest of the server. */
  readonly manifestVersion: number;
  /** The server has every receipt of this box up to this counter: the box may forget them. */
  readonly receiptsThrough: number;
  /** The first 16 bytes of SHA-256 of the signed request. */
  readonly requestHash: Uint8Array;
  /** The first 16 bytes of SHA-256 of the offer version that granted it, as canonical JSON (RFC 8785). */
  readonly offerHash: Uint8Array;
};

function encodeVoucher(voucher: Voucher, keyId: Uint8Array): Uint8Array {
  assertBytes('touchpointId', voucher.touchpointId, ID_BYTES);
  assertBytes('boxNonce', voucher.boxNonce, BOX_NONCE_BYTES);
  assertBytes('transactionId', voucher.transactionId, TRANSACTION_ID_BYTES);
  assertUint('amountMinor', voucher.amountMinor, AMOUNT_MINOR_MAX);
  assertUint('serverTimeS', voucher.serverTimeS, UINT32_MAX);
  assertUint('manifestVersion', voucher.manifestVersion, UINT32_MAX);
  assertUint('receiptsThrough', voucher.receiptsThrough, UINT32_MAX);
  assertBytes('requestHash', voucher.requestHash, TRUNCATED_HASH_BYTES);
  assertBytes('offerHash', voucher.offerHash, TRUNCATED_HASH_BYTES);
  assertBytes('keyId', keyId, VOUCHER_KEY_ID_BYTES);
  return encodeCbor([
    voucher.touchpointId,
    voucher.boxNonce,
    voucher.transactionId,
    actionCode(voucher.action),
    voucher.amountMinor,
    voucher.serverTimeS,
    voucher.manifestVersion,
    voucher.receiptsThrough,
    voucher.requestHash,
    voucher.offerHash,
  ]);
}

/** @throws RangeError for a field out of its bound; a whole hash is one (truncatedHash) */
export function signVoucher(voucher: Voucher, signer: Signer, keyId: Uint8Array): Uint8Array {
  return sign1('voucher', encodeVoucher(voucher, keyId), signer, keyId);
}

/** As signVoucher, where signing is asynchronous. */
export async function signVoucherAsync(
  voucher: Voucher,
  signer: AsyncSigner,
  keyId: Uint8Array,
): Promise<Uint8Array> {
  return sign1Async('voucher', encodeVoucher(voucher, keyId), signer, keyId);
}

/**
 * Reads a voucher before its signature is checked. Callers outside of this package want verifyVoucher.
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported
 */
export function decodeVoucher(bytes: Uint8Array): { readonly message: Sign1; readonly voucher: Voucher } {
  const message = decodeSign1('voucher', bytes, {
    bytesMax: VOUCHER_BYTES_MAX,
    keyIdBytes: VOUCHER_KEY_ID_BYTES,
  });
  const fields = new FieldReader('voucher', decodeCbor(message.payload), 10);
  return {
    message,
    voucher: {
      touchpointId: fields.bytes('touchpointId', ID_BYTES),
      boxNonce: fields.bytes('boxNonce', BOX_NONCE_BYTES),
      transactionId: fields.bytes('transactionId', TRANSACTION_ID_BYTES),
      action: readAction(fields),
      amountMinor: fields.uint('amountMinor', AMOUNT_MINOR_MAX),
      serverTimeS: fields.uint('serverTimeS', UINT32_MAX),
      manifestVersion: fields.uint('manifestVersion', UINT32_MAX),
      receiptsThrough: fields.uint('receiptsThrough', UINT32_MAX),
      requestHash: fields.bytes('requestHash', TRUNCATED_HASH_BYTES),
      offerHash: fields.bytes('offerHash', TRUNCATED_HASH_BYTES),
    },
  };
}

function readAction(fields: FieldReader): Action {
  const action = actionOfCode(fields.uint('action', 0xff));
  if (action === undefined) throw new TapsealError('message_malformed', 'voucher: action');
  return action;
}

function keyOf(message: Sign1, keys: readonly VoucherKey[]): PublicKey {
  const key = findVoucherKey(keys, message.keyId);
  // An unknown key and a false signature are one answer: neither tells which keys the verifier has.
  if (key === undefined) throw new TapsealError('voucher_signature_invalid');
  return key.publicKey;
}

/** @throws TapsealError message_too_long, message_malformed, suite_unsupported, voucher_signature_invalid */
export function verifyVoucher(verifying: Verifying, bytes: Uint8Array, keys: readonly VoucherKey[]): Voucher {
  const { message, voucher } = decodeVoucher(bytes);
  verifySign1(verifying, message, keyOf(message, keys), 'voucher_signature_invalid');
  return voucher;
}

/** As verifyVoucher, where verification is asynchronous. */
export async function verifyVoucherAsync(
  verifying: AsyncVerifying,
  bytes: Uint8Array,
  keys: readonly VoucherKey[],
): Promise<Voucher> {
  const { message, voucher } = decodeVoucher(bytes);
  await verifySign1Async(verifying, message, keyOf(message, keys), 'voucher_signature_invalid');
  return voucher;
}
