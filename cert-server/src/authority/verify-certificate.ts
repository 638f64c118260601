/**
 * Reads a certificate that this authority is said to have issued: chain, use, validity. What does not change (signature,
 * subject, key) is remembered by fingerprint; validity is checked against the time of each call, revocation by the caller
 * against the record that it has just read.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { bytesToHex } from '@tapseal/shared/bytes';
import type { Hashing, PublicKey } from '@tapseal/shared/crypto-port';

/** About 20 MB at most. */
const REMEMBERED_MAX = 50_000;

export type CertificateFacts = {
  readonly publicKey: PublicKey;
  readonly unit: string;
  readonly programme: string;
  /** Id of the touchpoint or phone, hexadecimal. */
  readonly id: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

function publicKeyOf(key: KeyObject): PublicKey | undefined {
  const der = key.export({ format: 'der', type: 'spki' });
  if (key.asymmetricKeyType === 'ed25519') {
    return { algorithm: 'Ed25519', bytes: Uint8Array.from(der.subarray(der.length - 32)) };
  }
  if (key.asymmetricKeyDetails?.namedCurve === 'prime256v1') {
    return { algorithm: 'P-256', bytes: Uint8Array.from(der.subarray(der.length - 65)) };
  }
  return undefined;
}

function subjectOf(certificate: X509Certificate): Map<string, string> {
  const parts = certificate.subject.split('\n').map((line) => line.split('='));
  return new Map(parts.map(([name = '', value = '']) => [name, value]));
}

function readFacts(der: Uint8Array, issuing: X509Certificate): CertificateFacts | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch {
    return undefined;
  }
  if (certificate.ca || !certificate.checkIssued(issuing) || !certificate.verify(issuing.publicKey))
    return undefined;
  const publicKey = publicKeyOf(certificate.publicKey);
  const subject = subjectOf(certificate);
  const [unit, programme, id] = [subject.get('OU'), subject.get('O'), subject.get('serialNumber')];
  if (publicKey === undefined || unit === undefined || programme === undefined || id === undefined)
    return undefined;
  const notBeforeMs = Date.parse(certificate.validFrom);
  const notAfterMs = Date.parse(certificate.validTo);
  return { publicKey, unit, programme, id, notBeforeMs, notAfterMs };
}

export type CertificateSubject = {
  readonly unit: 'touchpoint' | 'phone';
  readonly programme: string;
  readonly id: Uint8Array;
};

export class CertificateVerifier {
  readonly #hashing: Pick<Hashing, 'sha256'>;
  readonly #issuing: X509Certificate;
  readonly #issuingNotAfterMs: number;
  readonly #remembered = new Map<string, CertificateFacts>();

  /** @throws Error unless `issuing` is issued by `root`, and `root` by itself */
  constructor(hashing: Pick<Hashing, 'sha256'>, issuing: Uint8Array, root: Uint8Array) {
    const rootCertificate = new X509Certificate(root);
    this.#hashing = hashing;
    this.#issuing = new X509Certificate(issuing);
    this.#issuingNotAfterMs = Date.parse(this.#issuing.validTo);
    const chainHolds =
      rootCertificate.ca &&
      rootCertificate.verify(rootCertificate.publicKey) &&
      this.#issuing.ca &&
      this.#issuing.checkIssued(rootCertificate) &&
      this.#issuing.verify(rootCertificate.publicKey);
    if (!chainHolds) throw new Error('the issuing certificate is not of the root in the data directory');
  }

  /** The key of the certificate, or undefined where it is not valid for `subject` now. */
  verify(der: Uint8Array, subject: CertificateSubject, nowMs: number): PublicKey | undefined {
    const facts = this.#factsOf(der);
    const isValid =
      facts !== undefined &&
      facts.unit === subject.unit &&
      facts.programme === subject.programme &&
      facts.id === bytesToHex(subject.id) &&
      facts.notBeforeMs <= nowMs &&
      nowMs <= Math.min(facts.notAfterMs, this.#issuingNotAfterMs);
    return isValid ? facts.publicKey : undefined;
  }

  /** Milliseconds since 1970; undefined for a certificate of another authority. */
  expiresAtMs(der: Uint8Array): number | undefined {
    return this.#factsOf(der)?.notAfterMs;
  }

  #factsOf(der: Uint8Array): CertificateFacts | undefined {
    const fingerprint = bytesToHex(this.#hashing.sha256(der));
    const known = this.#remembered.get(fingerprint);
    if (known !== undefined) return known;
    const facts = readFacts(der, this.#issuing);
    if (facts === undefined) return undefined;
    const oldest = this.#remembered.keys().next().value;
    if (this.#remembered.size >= REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(fingerprint, facts);
    return facts;
  }
}
