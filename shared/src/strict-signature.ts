/**
 * What every adapter checks before it asks its library, so that all of them refuse the same signatures
 * (docs/protocol.md §3.3). Public data only: nothing here needs constant time. It runs before each verification, so bytes
 * are compared as they come: under 1 µs, where BigInt took four times as long.
 */
import { SIGNATURE_BYTES } from './bounds.js';
import type { PublicKey } from './crypto-port.js';

/** 32 bytes, big-endian, of a constant written in hexadecimal. */
function constant(hex: string): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** L, the order of the base point of Ed25519 (RFC 8032 §5.1). */
const ed25519Order = constant('1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed');
/** p = 2^255 − 19. */
const ed25519Field = constant('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed');
/** n of P-256 (SEC 2 §2.4.2), and half of it, rounded down. */
const p256Order = constant('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const p256HalfOrder = constant('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8');

/** The y coordinates of the points of order 1, 2, 4 and 8 (the eight-torsion), without the sign bit. */
const lowOrderY = [
  constant('0000000000000000000000000000000000000000000000000000000000000000'),
  constant('0000000000000000000000000000000000000000000000000000000000000001'),
  constant('7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec'),
  constant('05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826'),
  constant('7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7'),
];

/** −1, 0 or 1, as `a` is less than, equal to or greater than `b`: both of 32 bytes, big-endian. */
function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 32; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/**
 * A point encoding that is canonical (y < p, RFC 8032 §5.1.3) and not of low order. A low-order key verifies one signature
 * for every message, so that nobody could be held to it.
 */
function isSafeEd25519Point(encoded: Uint8Array): boolean {
  const y = Uint8Array.from(encoded).reverse();
  y[0] = (y[0] as number) & 0x7f;
  return compare(y, ed25519Field) < 0 && !lowOrderY.some((low) => compare(y, low) === 0);
}

function isStrictEd25519(key: Uint8Array, point: Uint8Array, scalar: Uint8Array): boolean {
  // S < L: without it each signature has a twin (RFC 8032 §5.1.7).
  return (
    key.length === 32 &&
    compare(Uint8Array.from(scalar).reverse(), ed25519Order) < 0 &&
    isSafeEd25519Point(key) &&
    isSafeEd25519Point(point)
  );
}

function isStrictP256(key: Uint8Array, r: Uint8Array, s: Uint8Array): boolean {
  // Low s only: (r, n − s) verifies too, and a record keyed by signature must not have a twin.
  return (
    key.length === 65 &&
    key[0] === 4 &&
    !isZero(r) &&
    compare(r, p256Order) < 0 &&
    !isZero(s) &&
    compare(s, p256HalfOrder) <= 0
  );
}

/** Lengths, canonical scalars and points: true means the library may be asked, false that the signature is refused. */
export function isStrictSignature(key: PublicKey, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const isStrict = key.algorithm === 'Ed25519' ? isStrictEd25519 : isStrictP256;
  return isStrict(key.bytes, signature.subarray(0, 32), signature.subarray(32));
}

/** Gives a P-256 signature its low s. Secure hardware and WebCrypto return either. */
export function toLowS(signature: Uint8Array): Uint8Array {
  if (compare(signature.subarray(32), p256HalfOrder) <= 0) return signature;
  const out = Uint8Array.from(signature);
  let borrow = 0;
  for (let i = 31; i >= 0; i--) {
    const difference = (p256Order[i] as number) - (signature[32 + i] as number) - borrow;
    borrow = difference < 0 ? 1 : 0;
    out[32 + i] = difference & 0xff;
  }
  return out;
}

/** The range of a P-256 private scalar. */
export function isP256Scalar(privateKey: Uint8Array): boolean {
  return privateKey.length === 32 && !isZero(privateKey) && compare(privateKey, p256Order) < 0;
}
