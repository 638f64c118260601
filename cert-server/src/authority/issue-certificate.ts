/**
 * Issues one X.509 certificate (RFC 5280). The only file that writes certificates; verify-certificate.ts reads them.
 * Its library takes a while to load: who issues now and then loads this file when it does.
 */
import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { bytesToHex } from '@tapseal/shared/bytes';
import type { Randomness } from '@tapseal/shared/crypto-port';

const DAY_MS = 86_400_000;
/** 20 octets are the most that RFC 5280 §4.1.2.2 allows. */
const SERIAL_BYTES = 20;

export type Issuer = {
  /** DER; undefined: the certificate signs itself. */
  readonly certificate: Uint8Array | undefined;
  readonly signingKey: webcrypto.CryptoKey;
};

export type Subject = {
  readonly commonName: string;
  readonly organization?: string;
  readonly unit?: 'touchpoint' | 'phone';
  readonly serialNumber?: string;
};

export type CertificateUse =
  | { readonly kind: 'authority'; readonly pathLength: number }
  | { readonly kind: 'signing' }
  | { readonly kind: 'tls'; readonly names: readonly string[] };

export type CertificateRequest = {
  readonly subject: Subject;
  /** DER. */
  readonly spki: Uint8Array;
  readonly use: CertificateUse;
  readonly nowMs: number;
  readonly validDays: number;
};

function nameOf(subject: Subject): x509.Name {
  const parts: x509.JsonName = [];
  if (subject.organization !== undefined) parts.push({ O: [subject.organization] });
  if (subject.unit !== undefined) parts.push({ OU: [subject.unit] });
  parts.push({ CN: [subject.commonName] });
  if (subject.serialNumber !== undefined) parts.push({ '2.5.4.5': [subject.serialNumber] });
  return new x509.Name(parts);
}

function usageExtensions(use: CertificateUse): x509.Extension[] {
  const { KeyUsageFlags, KeyUsagesExtension, BasicConstraintsExtension } = x509;
  if (use.kind === 'authority') {
    return [
      new BasicConstraintsExtension(true, use.pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ];
  }
  const leaf = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
  ];
  if (use.kind === 'signing') return leaf;
  const names = use.names.map((value) => ({
    type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const),
    value,
  }));
  return [
    ...leaf,
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(names),
  ];
}

/** Positive, never zero, 158 random bits. */
function serialNumber(random: Randomness): string {
  const bytes = random.randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytesToHex(bytes);
}

/** @returns DER */
export async function issueCertificate(
  random: Randomness,
  issuer: Issuer,
  request: CertificateRequest,
): Promise<Uint8Array> {
  const subject = nameOf(request.subject);
  const issuerCertificate = issuer.certificate && new x509.X509Certificate(issuer.certificate);
  const publicKey = new x509.PublicKey(request.spki);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject,
    issuer: issuerCertificate?.subjectName ?? subject,
    notBefore: new Date(request.nowMs),
    notAfter: new Date(request.nowMs + request.validDays * DAY_MS),
    publicKey,
    signingKey: issuer.signingKey,
    ...(issuer.signingKey.algorithm.name === 'Ed25519'
      ? {}
      : { signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } }),
    extensions: [
      ...usageExtensions(request.use),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuerCertificate?.publicKey ?? publicKey),
    ],
  });
  return new Uint8Array(certificate.rawData);
}
