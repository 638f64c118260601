/** Step 3, phone: known, not revoked, certificate valid now, and the request signed by its key. */
import type { Sign1 } from '@tapseal/shared/cose-sign1';
import { type Request, verifyRequestAsync } from '@tapseal/shared/request';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { ServerContext } from '../server-context.js';
import type { PhoneRecord } from '../store/records.js';

/** @throws TapsealError phone_unknown, phone_revoked, phone_certificate_invalid, suite_unsupported, phone_signature_invalid */
export async function checkPhone(
  { store, authority, signatures }: Pick<ServerContext, 'store' | 'authority' | 'signatures'>,
  programme: string,
  { message, request }: { message: Sign1; request: Pick<Request, 'phoneId'> },
  nowMs: number,
): Promise<PhoneRecord> {
  const phone = await store.findPhone(programme, request.phoneId);
  if (phone === undefined) throw new TapsealError('phone_unknown');
  if (phone.revokedAtMs !== undefined) throw new TapsealError('phone_revoked');
  const subject = { unit: 'phone', programme, id: phone.id } as const;
  const key = authority.certificates.verify(phone.certificate, subject, nowMs, phone.certificateFacts);
  if (key === undefined) throw new TapsealError('phone_certificate_invalid');
  await verifyRequestAsync(signatures, message, key);
  return phone;
}
