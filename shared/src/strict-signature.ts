/**
 * What every adapter checks before it asks its library, so that all of them refuse the same signatures
 * (docs/protocol.md §3.3). Public data only: nothing here needs constant time.
 */
import { SIGNATURE_BYTES } from './bounds.js';
import { bytesToHex } from './bytes.js';
import type { PublicKey } from './crypto-port.js';

const ed25519Order = 2n ** 252n + 27742317777372353535851937790883648493n;
const ed25519Field = 2n ** 255n - 19n;
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The y coordinates of the points of order 1, 2, 4 and 8 (the eight-torsion), without the sign bit. */
const lowOrderY = new Set([
  0n,
  1n,
  ed25519Field - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(Uint8Array.from(bytes).reverse())}`);
}

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes)}`);
}

/**
 * A point encoding that is canonical (y < p, RFC 8032 §5.1.3) and not of low order. A low-order key verifies one signature
 * for every message, so that nobody could be held to it.
 */
function isSafeEd25519Point(bytes: Uint8Array): boolean {
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return y < ed25519Field && !lowOrderY.has(y);
}

/** Lengths, canonical scalars and points: true means the library may be asked, false that the signature is refused. */
export function isStrictSignature(key: PublicKey, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const first = signature.subarray(0, 32);
  const second = signature.subarray(32);
  if (key.algorithm === 'Ed25519') {
    // S < L: without it each signature has a twin (RFC 8032 §5.1.7).
    return (
      key.bytes.length === 32 &&
      littleEndian(second) < ed25519Order &&
      isSafeEd25519Point(key.bytes) &&
      isSafeEd25519Point(first)
    );
  }
  const r = bigEndian(first);
  const s = bigEndian(second);
  // Low s only: (r, n − s) verifies too, and a record keyed by signature must not have a twin.
  return (
    key.bytes.length === 65 && key.bytes[0] === 4 && r > 0n && r < p256Order && s > 0n && s <= p256Order / 2n
  );
}

/** Gives a P-256 signature its low s. Secure hardware and WebCrypto return either. */
export function toLowS(signature: Uint8Array): Uint8Array {
  const s = bigEndian(signature.subarray(32));
  if (s <= p256Order / 2n) return signature;
  const out = Uint8Array.from(signature);
  let low = p256Order - s;
  for (let i = 63; i >= 32; i--) {
    out[i] = Number(low & 0xffn);
    low >>= 8n;
  }
  return out;
}

/** The range of a P-256 private scalar. */
export function isP256Scalar(privateKey: Uint8Array): boolean {
  if (privateKey.length !== 32) return false;
  const scalar = bigEndian(privateKey);
  return scalar > 0n && scalar < p256Order;
}
