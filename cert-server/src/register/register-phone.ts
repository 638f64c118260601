/** Registers a phone: proof that it holds its key, over a fresh nonce; then a certificate, and a shopper that limits count. */
import { bytesToHex, utf8 } from '@tapseal/shared/bytes';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { verifyRegistration } from '@tapseal/shared/registration';
import { checkServerNonce } from '@tapseal/shared/server-nonce';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { ServerContext } from '../server-context.js';
import type { PhoneRecord } from '../store/records.js';

const SHOPPER_ID_BYTES = 12;
const RENEWED_BEFORE_MS = 90 * 86_400_000;

/**
 * @param shopper the app's own reference of its shopper; the caller has checked the app's token
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, proof_invalid, nonce_invalid, nonce_expired,
 *   phone_revoked, state_conflict (the phone is another shopper's)
 */
export async function registerPhone(
  { store, authority, crypto, now }: ServerContext,
  programme: string,
  bytes: Uint8Array,
  shopper: string | undefined,
): Promise<PhoneRecord> {
  const nowMs = now();
  const registration = verifyRegistration(crypto, bytes);
  if (registration.programme !== programme) {
    throw new TapsealError('message_malformed', 'registration: programme');
  }
  checkServerNonce(crypto, authority.nonceKey, programme, nowMs, registration.serverNonce);

  const { publicKey } = registration;
  const id = phoneIdOf(crypto, publicKey);
  const known = await store.findPhone(programme, id);
  if (known?.revokedAtMs !== undefined) throw new TapsealError('phone_revoked');
  const subject = { unit: 'phone', programme, id } as const;
  // A certificate that is good for months is kept: registering twice costs no signature and changes nothing.
  const isGood =
    known !== undefined &&
    authority.certificates.verify(known.certificate, subject, nowMs + RENEWED_BEFORE_MS) !== undefined;

  const certificate = isGood ? known.certificate : await authority.issueForPhone(subject, publicKey, nowMs);

  const phone = await store.registerPhone(programme, {
    id,
    algorithm: publicKey.algorithm,
    certificate,
    certificateFacts: authority.certificates.seal(certificate, subject),
    registeredAtMs: nowMs,
    // Never in clear: the reference may be a customer number.
    shopperReference:
      shopper === undefined
        ? undefined
        : crypto.hmacSha256(authority.referenceKey, utf8(`${programme}/${shopper}`)),
    newShopper: bytesToHex(crypto.randomBytes(SHOPPER_ID_BYTES)),
  });
  if (phone === 'conflict') throw new TapsealError('state_conflict', 'the phone belongs to another shopper');
  // Revoked while its certificate was made.
  if (phone.revokedAtMs !== undefined) throw new TapsealError('phone_revoked');
  return phone;
}
