/** API tokens: `tps_<id>_<secret>`, 256 random bits, of which the server keeps the hash. */
import { bytesToBase64url, bytesToHex, equalBytes, utf8 } from '@tapseal/shared/bytes';
import type { Hashing, Randomness } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { TokenRecord } from '../store/records.js';
import type { TokenStore } from '../store/store-port.js';

const ID_BYTES = 8;
const SECRET_BYTES = 32;
const tokenPattern = /^tps_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;

export type NewToken = { readonly id: string; readonly token: string; readonly secretHash: Uint8Array };

export function makeApiToken(crypto: Randomness & Pick<Hashing, 'sha256'>): NewToken {
  const id = bytesToHex(crypto.randomBytes(ID_BYTES));
  const token = `tps_${id}_${bytesToBase64url(crypto.randomBytes(SECRET_BYTES))}`;
  return { id, token, secretHash: crypto.sha256(utf8(token)) };
}

/** @throws TapsealError token_invalid: unknown, false, revoked and expired are one answer */
export async function checkApiToken(
  store: Pick<TokenStore, 'findToken'>,
  hashing: Pick<Hashing, 'sha256'>,
  token: string,
  nowMs: number,
): Promise<TokenRecord> {
  const id = tokenPattern.exec(token)?.[1];
  const record = id === undefined ? undefined : await store.findToken(id);
  if (record === undefined || !equalBytes(record.secretHash, hashing.sha256(utf8(token)))) {
    throw new TapsealError('token_invalid');
  }
  const isOver = record.expiresAtMs !== undefined && record.expiresAtMs <= nowMs;
  if (record.revokedAtMs !== undefined || isOver) throw new TapsealError('token_invalid');
  return record;
}
