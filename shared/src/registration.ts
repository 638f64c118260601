/**
 * Registration (docs/protocol.md §6.8): P → S, proof that the phone holds the key it registers: signed by that key over a
 * nonce of the server.
 */
import { ED25519_KEY_BYTES, P256_KEY_BYTES, REGISTRATION_BYTES_MAX, SERVER_NONCE_BYTES } from './bounds.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, sign1Async, verifySign1 } from './cose-sign1.js';
import type { AsyncSigner, PublicKey, Verifying } from './crypto-port.js';
import { assertBytes, assertName, FieldReader } from './fields.js';

export type Registration = {
  readonly programme: string;
  /** 40 bytes, of the server. */
  readonly serverNonce: Uint8Array;
  /** The key that is registered and that signs. */
  readonly publicKey: PublicKey;
};

const keyBytes = { Ed25519: ED25519_KEY_BYTES, 'P-256': P256_KEY_BYTES } as const;

export function signRegistration(
  programme: string,
  serverNonce: Uint8Array,
  signer: AsyncSigner,
): Promise<Uint8Array> {
  assertName('programme', programme);
  assertBytes('serverNonce', serverNonce, SERVER_NONCE_BYTES);
  return sign1Async('registration', encodeCbor([programme, serverNonce, signer.publicKey.bytes]), signer);
}

/**
 * Reads and verifies: the key is in the message, the algorithm in its header.
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, proof_invalid
 */
export function verifyRegistration(verifying: Verifying, bytes: Uint8Array): Registration {
  const message = decodeSign1('registration', bytes, { bytesMax: REGISTRATION_BYTES_MAX });
  const fields = new FieldReader('registration', decodeCbor(message.payload), 3);
  const registration: Registration = {
    programme: fields.name('programme'),
    serverNonce: fields.bytes('serverNonce', SERVER_NONCE_BYTES),
    publicKey: {
      algorithm: message.algorithm,
      bytes: fields.bytes('publicKey', keyBytes[message.algorithm]),
    },
  };
  verifySign1(verifying, message, registration.publicKey, 'proof_invalid');
  return registration;
}
