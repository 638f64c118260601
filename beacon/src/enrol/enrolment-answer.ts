/**
 * Checks what came back before anything of it is kept, each a named step: the root is the one that the operator's code
 * names, the chain holds, it names the box's own key, and the manifest is the root's and of the programme of the answer.
 * Validity dates are not judged: the box has no clock that it could judge them by.
 */
import { X509Certificate } from 'node:crypto';
import { firstAdvertKey } from '@tapseal/shared/advert';
import { ID_BYTES, MANIFEST_BYTES_MAX, NAME_CHARS_MAX, NAME_PATTERN } from '@tapseal/shared/bounds';
import { base64urlToBytes, equalBytes, hexToBytes } from '@tapseal/shared/bytes';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { rootFingerprintOf } from '@tapseal/shared/enrolment';
import type { EnrolmentResponse } from '@tapseal/shared/http-api';
import { verifyManifest } from '@tapseal/shared/manifest';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { NewBox } from './box-directory.js';
import { ed25519KeyOf } from './box-identity.js';
import type { EnrolmentDraft } from './enrolment-draft.js';

export const ENROLMENT_ANSWER_CHARS_MAX = 32_768;

const PEM_CHARS_MAX = 4_096;
const FORMAT: EnrolmentResponse['format'] = 'tapseal-enrolment-response-1';

type Chain = {
  readonly box: X509Certificate;
  readonly issuing: X509Certificate;
  readonly root: X509Certificate;
};

function invalid(detail: string, cause?: unknown): never {
  throw new TapsealError('server_answer_invalid', detail, cause === undefined ? {} : { cause });
}

/** @throws TapsealError server_answer_invalid */
export function parseEnrolmentAnswer(text: string): EnrolmentResponse {
  if (text.length > ENROLMENT_ANSWER_CHARS_MAX) invalid('too long');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    invalid('not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) invalid('not an object');
  const answer: Record<string, unknown> = { ...value };
  if (answer.format !== FORMAT) invalid('format');
  const { certificates } = answer;
  if (!Array.isArray(certificates) || certificates.length !== 3) invalid('certificates');
  return {
    format: FORMAT,
    programme: name(answer, 'programme'),
    name: name(answer, 'name'),
    touchpointId: textOf(answer, 'touchpointId', ID_BYTES * 2),
    certificates: certificates.map((pem: unknown) => textOf({ pem }, 'pem', PEM_CHARS_MAX)),
    manifest: textOf(answer, 'manifest', Math.ceil((MANIFEST_BYTES_MAX * 4) / 3)),
  };
}

function textOf(answer: Readonly<Record<string, unknown>>, field: string, charsMax: number): string {
  const value = answer[field];
  if (typeof value !== 'string' || value.length === 0 || value.length > charsMax) invalid(field);
  return value;
}

function name(answer: Readonly<Record<string, unknown>>, field: string): string {
  const value = textOf(answer, field, NAME_CHARS_MAX);
  if (!new RegExp(NAME_PATTERN).test(value)) invalid(field);
  return value;
}

/**
 * @throws TapsealError server_answer_invalid, manifest_signature_invalid, manifest_wrong_programme, and for a manifest of a
 * wrong shape message_*
 */
export function checkEnrolmentAnswer(
  crypto: CryptoPort,
  answer: EnrolmentResponse,
  draft: EnrolmentDraft,
): NewBox {
  const chain = parseCertificates(answer);
  checkRoot(crypto, chain, draft);
  checkChain(chain);
  checkOwnKey(crypto, chain, draft);
  const touchpointId = hexToBytes(answer.touchpointId, ID_BYTES) ?? invalid('touchpointId');
  checkSubject(chain, answer);
  const { manifest, sealKey } = checkManifest(crypto, chain, answer);
  const [box = '', issuing = '', root = ''] = answer.certificates;
  return {
    identity: {
      programme: answer.programme,
      name: answer.name,
      touchpointId,
      certificates: [box, issuing, root],
    },
    seed: draft.seed,
    manifest,
    advertKey: makeAdvertKey(crypto, draft, sealKey, touchpointId),
  };
}

function parseCertificates(answer: EnrolmentResponse): Chain {
  const [box = '', issuing = '', root = ''] = answer.certificates;
  try {
    return {
      box: new X509Certificate(box),
      issuing: new X509Certificate(issuing),
      root: new X509Certificate(root),
    };
  } catch (cause) {
    invalid('certificates', cause);
  }
}

function checkRoot(crypto: CryptoPort, { root }: Chain, draft: EnrolmentDraft): void {
  if (rootFingerprintOf(crypto, Uint8Array.from(root.raw)) !== draft.rootFingerprint)
    invalid('the root is not the one that the enrolment code names');
}

function checkChain({ box, issuing, root }: Chain): void {
  const holds =
    isIssuedBy(root, root) && isIssuedBy(issuing, root) && isIssuedBy(box, issuing) && root.ca && issuing.ca;
  if (!holds) invalid('certificate chain');
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function checkOwnKey(crypto: CryptoPort, { box }: Chain, draft: EnrolmentDraft): void {
  const own = crypto.signer('Ed25519', draft.seed).publicKey;
  const certified = ed25519KeyOf(box);
  if (certified === undefined || !equalBytes(certified.bytes, own.bytes))
    invalid('the certificate is for another key');
}

/** The answer itself is not signed: what it says of the box is believed where the certificate says it too (§9.1). */
function checkSubject({ box }: Chain, answer: EnrolmentResponse): void {
  const subject = new Set(box.subject.split('\n'));
  const named = [
    `O=${answer.programme}`,
    'OU=touchpoint',
    `CN=${answer.name}`,
    `serialNumber=${answer.touchpointId}`,
  ];
  if (!named.every((part) => subject.has(part))) invalid('the certificate names another box');
}

function checkManifest(
  crypto: CryptoPort,
  { root }: Chain,
  answer: EnrolmentResponse,
): { readonly manifest: Uint8Array; readonly sealKey: Uint8Array } {
  const rootKey = ed25519KeyOf(root) ?? invalid('key of the root');
  const manifest = base64urlToBytes(answer.manifest, MANIFEST_BYTES_MAX) ?? invalid('manifest');
  const { programme, sealKey } = verifyManifest(crypto, manifest, rootKey);
  // The root alone does not say so: the manifest of another programme would name none of the boxes revoked here.
  if (programme !== answer.programme) throw new TapsealError('manifest_wrong_programme', programme);
  return { manifest, sealKey };
}

function makeAdvertKey(
  crypto: CryptoPort,
  draft: EnrolmentDraft,
  sealKey: Uint8Array,
  touchpointId: Uint8Array,
): Uint8Array {
  const secret = crypto.x25519(draft.advertSecret, sealKey) ?? invalid('seal key of low order');
  return firstAdvertKey(crypto, secret, touchpointId);
}
