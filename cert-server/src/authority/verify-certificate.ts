/**
 * Reads a certificate that this authority is said to have issued: chain, use, validity. What does not change (signature,
 * subject, key) is remembered by fingerprint; validity is checked against the time of each call, revocation by the caller
 * against the record that it has just read.
 */
import { type KeyObject, X509Certificate } from 'node:crypto';
import { bytesToHex } from '@tapseal/shared/bytes';
import type { Hashing, PublicKey } from '@tapseal/shared/crypto-port';
import { openFacts, sealFacts } from './sealed-facts.js';

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
  readonly #hashing: Pick<Hashing, 'sha256' | 'hmacSha256'>;
  readonly #factsKey: Uint8Array;
  readonly #issuing: X509Certificate;
  readonly #issuingNotAfterMs: number;
  readonly #remembered = new Map<string, CertificateFacts>();
  /** Facts of records that the store still holds in memory: for these, not even a hash is needed. */
  readonly #opened = new WeakMap<Uint8Array, CertificateFacts>();

  /**
   * @param factsKey 32 secret bytes: MACs of the facts that are kept beside certificates
   * @throws Error unless `issuing` is issued by `root`, and `root` by itself
   */
  constructor(
    hashing: Pick<Hashing, 'sha256' | 'hmacSha256'>,
    issuing: Uint8Array,
    root: Uint8Array,
    factsKey: Uint8Array,
  ) {
    const rootCertificate = new X509Certificate(root);
    this.#hashing = hashing;
    this.#factsKey = factsKey;
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

  /**
   * The key of the certificate, or undefined where it is not valid for `subject` now.
   * @param der of a record, which nobody changes: what it says is remembered for this very object
   * @param sealed facts of this certificate as `seal` made them, where they are on record
   */
  verify(
    der: Uint8Array,
    subject: CertificateSubject,
    nowMs: number,
    sealed?: Uint8Array,
  ): PublicKey | undefined {
    const facts = this.#opened.get(der) ?? this.#read(der, subject, sealed);
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

  /** Facts to be kept beside the certificate. @throws Error for a certificate that is not this authority's */
  seal(der: Uint8Array, subject: CertificateSubject): Uint8Array {
    const facts = this.#factsOf(der);
    if (facts === undefined) throw new Error('the certificate is not of this authority');
    return sealFacts(this.#sealingOf(der, subject), facts);
  }

  #read(
    der: Uint8Array,
    subject: CertificateSubject,
    sealed: Uint8Array | undefined,
  ): CertificateFacts | undefined {
    const facts = (sealed && this.#open(der, subject, sealed)) ?? this.#factsOf(der);
    if (facts !== undefined) this.#opened.set(der, facts);
    return facts;
  }

  #sealingOf(der: Uint8Array, subject: CertificateSubject) {
    const hashing = this.#hashing;
    return { hashing, key: this.#factsKey, subject, fingerprint: hashing.sha256(der) };
  }

  #open(der: Uint8Array, subject: CertificateSubject, sealed: Uint8Array): CertificateFacts | undefined {
    const facts = openFacts(this.#sealingOf(der, subject), sealed);
    const { unit, programme, id } = subject;
    return facts && { ...facts, unit, programme, id: bytesToHex(id) };
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
