/**
 * Request (docs/protocol.md §6.4): P → S, signed by the phone. The signature is the shopper's approval: it covers the offer,
 * the amount, the touchpoint (through the sealed hello) and the transaction.
 */
import {
  AMOUNT_MINOR_MAX,
  PHONE_ID_BYTES,
  REQUEST_BYTES_MAX,
  SEALED_HELLO_BYTES_MAX,
  SERVER_NONCE_BYTES,
  TRANSACTION_ID_BYTES,
} from './bounds.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, type Sign1, sign1Async, verifySign1, verifySign1Async } from './cose-sign1.js';
import type { AsyncSigner, AsyncVerifying, PublicKey, Verifying } from './crypto-port.js';
import { assertBytes, assertName, assertUint, FieldReader } from './fields.js';

export type Request = {
  readonly programme: string;
  /** 40 bytes, of the server. */
  readonly serverNonce: Uint8Array;
  /** 16 random bytes of the phone; a retry reuses them. */
  readonly transactionId: Uint8Array;
  /** 16 bytes. */
  readonly phoneId: Uint8Array;
  readonly offer: string;
  /** What the shopper approved, in minor units; 0 where nothing is paid. */
  readonly amountMinor: number;
  /** As the box notified it, 1 to 181 bytes. */
  readonly sealedHello: Uint8Array;
};

export function signRequest(request: Request, signer: AsyncSigner): Promise<Uint8Array> {
  assertName('programme', request.programme);
  assertBytes('serverNonce', request.serverNonce, SERVER_NONCE_BYTES);
  assertBytes('transactionId', request.transactionId, TRANSACTION_ID_BYTES);
  assertBytes('phoneId', request.phoneId, PHONE_ID_BYTES);
  assertName('offer', request.offer);
  assertUint('amountMinor', request.amountMinor, AMOUNT_MINOR_MAX);
  assertUint('length of sealedHello', request.sealedHello.length, SEALED_HELLO_BYTES_MAX, 1);
  const payload = encodeCbor([
    request.programme,
    request.serverNonce,
    request.transactionId,
    request.phoneId,
    request.offer,
    request.amountMinor,
    request.sealedHello,
  ]);
  return sign1Async('request', payload, signer);
}

/**
 * Reads a request before its signature is checked: its phone id names the key to check it with.
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported
 */
export function decodeRequest(bytes: Uint8Array): { readonly message: Sign1; readonly request: Request } {
  const message = decodeSign1('request', bytes, { bytesMax: REQUEST_BYTES_MAX });
  const fields = new FieldReader('request', decodeCbor(message.payload), 7);
  return {
    message,
    request: {
      programme: fields.name('programme'),
      serverNonce: fields.bytes('serverNonce', SERVER_NONCE_BYTES),
      transactionId: fields.bytes('transactionId', TRANSACTION_ID_BYTES),
      phoneId: fields.bytes('phoneId', PHONE_ID_BYTES),
      offer: fields.name('offer'),
      amountMinor: fields.uint('amountMinor', AMOUNT_MINOR_MAX),
      sealedHello: fields.bytesBetween('sealedHello', 1, SEALED_HELLO_BYTES_MAX),
    },
  };
}

/** @throws TapsealError suite_unsupported, phone_signature_invalid */
export function verifyRequest(verifying: Verifying, message: Sign1, phoneKey: PublicKey): void {
  verifySign1(verifying, message, phoneKey, 'phone_signature_invalid');
}

/** As verifyRequest, where verification is asynchronous. */
export async function verifyRequestAsync(
  verifying: AsyncVerifying,
  message: Sign1,
  phoneKey: PublicKey,
): Promise<void> {
  await verifySign1Async(verifying, message, phoneKey, 'phone_signature_invalid');
}
