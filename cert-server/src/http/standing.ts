/**
 * Whether a box and a phone could redeem at all now, before any offer is looked at: what explanations and dry runs have in
 * common with steps 3 and 6 of a redemption (redeem/check-phone.ts, check-touchpoint.ts), as far as nothing is signed.
 */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { Authority } from '../authority/authority.js';
import type { BoxRecord, PhoneRecord } from '../store/records.js';

/** The code of the redemption, and why in words. */
export type Unfit = { readonly code: ErrorCode; readonly rule: string };

/** @param box undefined where none has been enrolled */
export function unfitBox(
  { certificates }: Pick<Authority, 'certificates'>,
  programme: string,
  box: BoxRecord | undefined,
  nowMs: number,
): Unfit | undefined {
  if (box === undefined)
    return { code: 'touchpoint_unknown', rule: 'no box is enrolled at this touchpoint yet' };
  if (box.revokedAtMs !== undefined) return { code: 'touchpoint_revoked', rule: 'the touchpoint is revoked' };
  const subject = { unit: 'touchpoint', programme, id: box.id } as const;
  if (certificates.verify(box.certificate, subject, nowMs) !== undefined) return undefined;
  return { code: 'touchpoint_certificate_invalid', rule: 'the certificate of the box is not valid now' };
}

export function unfitPhone(
  { certificates }: Pick<Authority, 'certificates'>,
  programme: string,
  phone: PhoneRecord,
  nowMs: number,
): Unfit | undefined {
  if (phone.revokedAtMs !== undefined) return { code: 'phone_revoked', rule: 'the phone is revoked' };
  const subject = { unit: 'phone', programme, id: phone.id } as const;
  if (certificates.verify(phone.certificate, subject, nowMs, phone.certificateFacts) !== undefined)
    return undefined;
  return { code: 'phone_certificate_invalid', rule: 'the certificate of the phone is not valid now' };
}
