/**
 * Hashes as a voucher carries them (docs/protocol.md §6.5): the first 16 bytes of SHA-256, since two whole ones do not fit one
 * packet. To put another text under such a hash takes a second preimage, 2^128 tries. A pair that collides takes 2^64 tries,
 * but only from whoever makes both texts: a phone its own requests, an operator its own offers, and the JWS and the record of
 * the server keep all 32 bytes. docs/decisions/013-offer-hash.md.
 */
import { HASH_BYTES, TRUNCATED_HASH_BYTES } from './bounds.js';
import { copyBytes, equalBytes } from './bytes.js';
import { assertBytes } from './fields.js';

/**
 * @param hash SHA-256, 32 bytes
 * @returns its first 16 bytes
 * @throws RangeError for any other length: what is truncated already is not truncated again
 */
export function truncatedHash(hash: Uint8Array): Uint8Array {
  assertBytes('hash', hash, HASH_BYTES);
  return copyBytes(hash, 0, TRUNCATED_HASH_BYTES);
}

/** @param hash SHA-256, 32 bytes @throws RangeError for any other length of `hash` */
export function isTruncatedHashOf(truncated: Uint8Array, hash: Uint8Array): boolean {
  return equalBytes(truncated, truncatedHash(hash));
}
