/** Enrols a box (docs/protocol.md §9): a code that works once, for 15 minutes; a key that never leaves the box. */
import { firstAdvertKey } from '@tapseal/shared/advert';
import { ENROLMENT_BINDING_BYTES_MAX, ID_BYTES } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { enrolmentSecretHash, verifyEnrolmentBinding } from '@tapseal/shared/enrolment';
import type { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { certificatePem } from '../authority/certificate-encoding.js';
import { manifestSigning } from '../manifest/sign-manifest.js';
import { advertWindowAt } from '../rotation/advert-window.js';
import type { ServerContext } from '../server-context.js';

/**
 * A request that is refused leaves its code open, so that a faulty box can try again.
 * @throws TapsealError enrolment_code_invalid, enrolment_request_invalid, message_malformed, suite_unsupported
 */
export async function enrolBox(
  { store, authority, crypto, now }: ServerContext,
  request: EnrolmentRequest,
): Promise<EnrolmentResponse> {
  const nowMs = now();
  const secretHash = enrolmentSecretHash(crypto, request.code);
  const code = await store.findEnrolmentCode(secretHash);
  // Unknown, used and too late are one answer: it tells nobody which codes exist.
  if (code === undefined || code.usedAtMs !== undefined || code.expiresAtMs <= nowMs) {
    throw new TapsealError('enrolment_code_invalid');
  }
  const { programme, name } = code;

  // With the library that issues certificates: neither is loaded before the first box enrols.
  const { verifyCertificateRequest } = await import('../authority/certificate-request.js');
  const boxKey = await verifyCertificateRequest(request.certificateRequest);
  const binding = base64urlToBytes(request.binding, ENROLMENT_BINDING_BYTES_MAX);
  if (binding === undefined) throw new TapsealError('message_malformed', 'binding');
  const advertPublicKey = verifyEnrolmentBinding(crypto, binding, boxKey, secretHash);
  const secret = crypto.x25519(authority.sealKey.privateKey, advertPublicKey);
  if (secret === undefined) throw new TapsealError('enrolment_request_invalid', 'binding: low-order key');

  const id = crypto.randomBytes(ID_BYTES);
  const anchor = { epoch: 0, advertKey: firstAdvertKey(crypto, secret, id), counterS: 0, seenAtMs: nowMs };
  const certificate = await authority.issueForTouchpoint({ programme, name, id }, boxKey, nowMs);
  const box = { id, certificate, enrolledAtMs: nowMs, window: advertWindowAt(crypto, anchor, nowMs) };
  if (!(await store.enrolBox(secretHash, box, manifestSigning(authority, nowMs)))) {
    throw new TapsealError('enrolment_code_invalid');
  }
  const manifest = await store.findManifest(programme);
  return {
    format: 'tapseal-enrolment-response-1',
    programme,
    touchpointId: bytesToHex(id),
    name,
    certificates: [certificatePem(certificate), authority.issuing.pem, authority.root.pem],
    manifest: bytesToBase64url(manifest?.bytes ?? new Uint8Array()),
  };
}
