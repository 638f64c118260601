/**
 * Names of keys. All are prefixes of the COSE Key Thumbprint with SHA-256 (RFC 9679): the hash of the deterministic CBOR of
 * the required key parameters. A prefix is a hint or an index, never a proof: the signature is verified under the whole key.
 */
import { PHONE_ID_BYTES, VOUCHER_KEY_ID_BYTES } from './bounds.js';
import { encodeCbor } from './cbor.js';
import type { Hashing, PublicKey } from './crypto-port.js';

// COSE_Key parameters (RFC 9053 §7).
const KTY = 1;
const CRV = -1;
const X = -2;
const Y = -3;

/** 32 bytes. */
export function keyThumbprint(hashing: Pick<Hashing, 'sha256'>, key: PublicKey): Uint8Array {
  const parameters =
    key.algorithm === 'Ed25519'
      ? new Map<number, number | Uint8Array>([
          [KTY, 1],
          [CRV, 6],
          [X, key.bytes],
        ])
      : new Map<number, number | Uint8Array>([
          [KTY, 2],
          [CRV, 1],
          [X, key.bytes.subarray(1, 33)],
          [Y, key.bytes.subarray(33)],
        ]);
  return hashing.sha256(encodeCbor(parameters));
}

/** The id of a phone: 16 bytes. */
export function phoneIdOf(hashing: Pick<Hashing, 'sha256'>, key: PublicKey): Uint8Array {
  return keyThumbprint(hashing, key).slice(0, PHONE_ID_BYTES);
}

/** The `kid` of a voucher key: 4 bytes, a hint which key to try. */
export function voucherKeyIdOf(hashing: Pick<Hashing, 'sha256'>, key: PublicKey): Uint8Array {
  return keyThumbprint(hashing, key).slice(0, VOUCHER_KEY_ID_BYTES);
}
