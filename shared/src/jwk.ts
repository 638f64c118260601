/** Voucher keys as JWK (RFC 7517, RFC 8037), with thumbprints (RFC 7638) for `kid`. */
import { ED25519_KEY_BYTES, JWK_SET_KEYS_MAX } from './bounds.js';
import { base64urlToBytes, bytesToBase64url, utf8 } from './bytes.js';
import type { Hashing } from './crypto-port.js';
import type { Jwk } from './http-api.js';
import { TapsealError } from './tapseal-error.js';
import { type VoucherKey, voucherKeyOf } from './voucher-key.js';

/** RFC 7638: SHA-256 of the required members in the order of their names. */
export function jwkThumbprint(hashing: Pick<Hashing, 'sha256'>, publicKey: Uint8Array): string {
  const members = `{"crv":"Ed25519","kty":"OKP","x":"${bytesToBase64url(publicKey)}"}`;
  return bytesToBase64url(hashing.sha256(utf8(members)));
}

/** @param publicKey 32 bytes of an Ed25519 key */
export function encodeJwk(hashing: Pick<Hashing, 'sha256'>, publicKey: Uint8Array): Jwk {
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x: bytesToBase64url(publicKey),
    kid: jwkThumbprint(hashing, publicKey),
    use: 'sig',
    alg: 'EdDSA',
  };
}

/**
 * Reads the Ed25519 keys of a JWK set. Keys of other types are passed over, as RFC 7517 §5 asks.
 * @throws TapsealError message_malformed where it is no JWK set, or one of its Ed25519 keys is not 32 bytes
 */
export function parseJwkSet(hashing: Pick<Hashing, 'sha256'>, value: unknown): VoucherKey[] {
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  if (!Array.isArray(keys) || keys.length > JWK_SET_KEYS_MAX)
    throw new TapsealError('message_malformed', 'JWK set');
  const found: VoucherKey[] = [];
  for (const key of keys as unknown[]) {
    if (typeof key !== 'object' || key === null) throw new TapsealError('message_malformed', 'JWK');
    const { kty, crv, x } = key as Record<string, unknown>;
    if (kty !== 'OKP' || crv !== 'Ed25519') continue;
    const bytes = typeof x === 'string' ? base64urlToBytes(x, ED25519_KEY_BYTES) : undefined;
    if (bytes?.length !== ED25519_KEY_BYTES) throw new TapsealError('message_malformed', 'JWK x');
    found.push(voucherKeyOf(hashing, bytes));
  }
  return found;
}
