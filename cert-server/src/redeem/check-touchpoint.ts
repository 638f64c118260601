/** Step 6, touchpoint: enrolled in this programme, not revoked, certificate valid now, and the hello signed by its key. */
import { verifyHelloAsync } from '@tapseal/shared/hello';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { ServerContext } from '../server-context.js';
import type { BoxRecord } from '../store/records.js';
import type { OpenedHello } from './open-seal.js';

/**
 * @throws TapsealError touchpoint_unknown, touchpoint_revoked, touchpoint_certificate_invalid, suite_unsupported,
 *   hello_signature_invalid
 */
export async function checkTouchpoint(
  { store, authority, signatures }: Pick<ServerContext, 'store' | 'authority' | 'signatures'>,
  programme: string,
  { message, hello }: OpenedHello,
  nowMs: number,
): Promise<BoxRecord> {
  const box = await store.findBox(programme, hello.touchpointId);
  if (box === undefined) throw new TapsealError('touchpoint_unknown');
  if (box.revokedAtMs !== undefined) throw new TapsealError('touchpoint_revoked');
  const subject = { unit: 'touchpoint', programme, id: box.id } as const;
  const key = authority.certificates.verify(box.certificate, subject, nowMs);
  if (key === undefined) throw new TapsealError('touchpoint_certificate_invalid');
  await verifyHelloAsync(signatures, message, key);
  return box;
}
