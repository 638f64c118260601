/** Step 2, nonce: made by this server for this programme. Its age is held against it only where the transaction is new. */
import type { Hashing } from '@tapseal/shared/crypto-port';
import { checkServerNonce } from '@tapseal/shared/server-nonce';
import { isTapsealError, type TapsealError } from '@tapseal/shared/tapseal-error';
import type { Authority } from '../authority/authority.js';

/**
 * @returns the fault to raise where the transaction turns out to be new
 * @throws TapsealError nonce_invalid
 */
export function checkNonce(
  hashing: Hashing,
  authority: Pick<Authority, 'nonceKey'>,
  programme: string,
  nonce: Uint8Array,
  nowMs: number,
): TapsealError | undefined {
  try {
    checkServerNonce(hashing, authority.nonceKey, programme, nowMs, nonce);
    return undefined;
  } catch (error) {
    if (isTapsealError(error) && error.code === 'nonce_expired') return error;
    throw error;
  }
}
