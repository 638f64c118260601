/**
 * Nonce (docs/protocol.md §6.1): S → P, 40 bytes: time in ms (8) ‖ randomness (16) ‖ MAC (16). Stateless: the server
 * recognises its own by the MAC and their age by the time.
 */
import { SERVER_NONCE_BYTES, SERVER_NONCE_TTL_MS } from './bounds.js';
import { concatBytes, equalBytes, utf8 } from './bytes.js';
import type { Hashing, Randomness } from './crypto-port.js';
import { TapsealError } from './tapseal-error.js';

const TIME_BYTES = 8;
const RANDOM_BYTES = 16;
const BODY_BYTES = TIME_BYTES + RANDOM_BYTES;

function macOf(hashing: Hashing, key: Uint8Array, programme: string, body: Uint8Array): Uint8Array {
  // The programme is part of the MAC: a nonce of one tenant is none of another.
  return hashing.hmacSha256(key, concatBytes(utf8(`tapseal/1/nonce/${programme}/`), body)).slice(0, 16);
}

/** @param key 32 secret bytes of the server */
export function makeServerNonce(
  crypto: Hashing & Randomness,
  key: Uint8Array,
  programme: string,
  nowMs: number,
): Uint8Array {
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(nowMs));
  const body = concatBytes(time, crypto.randomBytes(RANDOM_BYTES));
  return concatBytes(body, macOf(crypto, key, programme, body));
}

/** @throws TapsealError nonce_invalid, nonce_expired */
export function checkServerNonce(
  hashing: Hashing,
  key: Uint8Array,
  programme: string,
  nowMs: number,
  nonce: Uint8Array,
): void {
  if (nonce.length !== SERVER_NONCE_BYTES) throw new TapsealError('nonce_invalid');
  const body = nonce.subarray(0, BODY_BYTES);
  if (!equalBytes(macOf(hashing, key, programme, body), nonce.subarray(BODY_BYTES)))
    throw new TapsealError('nonce_invalid');
  const madeMs = Number(new DataView(body.buffer, body.byteOffset).getBigUint64(0));
  // A time ahead of ours is ours from before the clock was set back: as little to be trusted as an old one.
  if (madeMs > nowMs + SERVER_NONCE_TTL_MS || nowMs - madeMs > SERVER_NONCE_TTL_MS)
    throw new TapsealError('nonce_expired');
}
