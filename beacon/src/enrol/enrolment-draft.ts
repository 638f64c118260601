/**
 * An enrolment that has been asked for and not answered: the new keys, and what the request says. Kept in memory over the
 * network; in a file of the state directory while the request travels on a stick.
 */
import { base64urlToBytes, bytesToBase64url } from '@tapseal/shared/bytes';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { type EnrolmentCode, enrolmentSecretHash, signEnrolmentBinding } from '@tapseal/shared/enrolment';
import type { EnrolmentRequest } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { makeCertificateRequest } from './certificate-request.js';

export type EnrolmentDraft = {
  /** Ed25519, 32 bytes: made here, and it stays here. */
  readonly seed: Uint8Array;
  /** X25519, 32 bytes: forgotten once the first advert key is made from it. */
  readonly advertSecret: Uint8Array;
  /** By which the answer is known to come from the server that the operator meant. */
  readonly rootFingerprint: string;
};

export async function draftEnrolment(
  crypto: CryptoPort,
  code: EnrolmentCode,
): Promise<{ readonly draft: EnrolmentDraft; readonly request: EnrolmentRequest }> {
  const draft = {
    seed: crypto.randomBytes(32),
    advertSecret: crypto.randomBytes(32),
    rootFingerprint: code.rootFingerprint,
  };
  const binding = signEnrolmentBinding(
    enrolmentSecretHash(crypto, code.secret),
    crypto.boxKeyPair(draft.advertSecret).publicKey,
    crypto.signer('Ed25519', draft.seed),
  );
  const request: EnrolmentRequest = {
    format: 'tapseal-enrolment-request-1',
    code: code.secret,
    certificateRequest: await makeCertificateRequest(draft.seed),
    binding: bytesToBase64url(binding),
  };
  return { draft, request };
}

export function encodeDraft(draft: EnrolmentDraft): string {
  return JSON.stringify({
    seed: bytesToBase64url(draft.seed),
    advertSecret: bytesToBase64url(draft.advertSecret),
    rootFingerprint: draft.rootFingerprint,
  });
}

/** @throws TapsealError storage_corrupt */
export function decodeDraft(text: string): EnrolmentDraft {
  try {
    const { seed, advertSecret, rootFingerprint }: Record<string, unknown> = JSON.parse(text);
    const draft = { seed: key(seed), advertSecret: key(advertSecret), rootFingerprint };
    if (typeof draft.rootFingerprint === 'string')
      return { ...draft, rootFingerprint: draft.rootFingerprint };
  } catch {
    // The text holds private keys; a parser's message would quote it.
  }
  throw new TapsealError('storage_corrupt', 'enrolment draft');
}

function key(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? base64urlToBytes(value, 32) : undefined;
  if (bytes?.length !== 32) throw new RangeError('key');
  return bytes;
}
