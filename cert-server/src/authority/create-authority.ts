/**
 * Makes the keys and certificates of a deployment:
 *
 *   root (Ed25519, signs manifests) ─┬─ issuing (Ed25519) ─── touchpoints, phones, voucher key
 *                                    └─ TLS (P-256) ───────── the workbench's server certificate
 *
 * The TLS authority has a curve of its own, because browsers do not know Ed25519 in certificates.
 */
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { certificatePem } from './certificate-encoding.js';
import { issueCertificate } from './issue-certificate.js';
import {
  authorityFiles as files,
  makeKeyFile,
  signingKeyOf,
  spkiOf,
  writePublicFile,
  writeSecretFile,
} from './key-files.js';

const YEAR_DAYS = 365;
const ROOT_DAYS = 30 * YEAR_DAYS;
const ISSUING_DAYS = 20 * YEAR_DAYS;
const VOUCHER_DAYS = 10 * YEAR_DAYS;

/** @param directory exists, and has no file of an authority */
export async function createAuthority(crypto: CryptoPort, directory: string, nowMs: number): Promise<void> {
  // Two deployments' roots must not share a name, or software that finds issuers by name takes one for the other.
  const deployment = bytesToHex(crypto.randomBytes(4));
  const rootKey = makeKeyFile(directory, files.rootKey, 'ed25519');
  const rootSigning = await signingKeyOf(rootKey);
  const root = await issueCertificate(
    crypto,
    { certificate: undefined, signingKey: rootSigning },
    {
      subject: { commonName: `Tapseal root ${deployment}` },
      spki: spkiOf(rootKey),
      use: { kind: 'authority', pathLength: 1 },
      nowMs,
      validDays: ROOT_DAYS,
    },
  );
  writePublicFile(directory, files.rootCertificate, certificatePem(root));

  const byRoot = { certificate: root, signingKey: rootSigning };
  const issuingKey = makeKeyFile(directory, files.issuingKey, 'ed25519');
  const issuing = await issueCertificate(crypto, byRoot, {
    subject: { commonName: `Tapseal issuing ${deployment}` },
    spki: spkiOf(issuingKey),
    use: { kind: 'authority', pathLength: 0 },
    nowMs,
    validDays: ISSUING_DAYS,
  });
  writePublicFile(directory, files.issuingCertificate, certificatePem(issuing));

  const tlsKey = makeKeyFile(directory, files.tlsAuthorityKey, 'P-256');
  const tls = await issueCertificate(crypto, byRoot, {
    subject: { commonName: `Tapseal TLS ${deployment}` },
    spki: spkiOf(tlsKey),
    use: { kind: 'authority', pathLength: 0 },
    nowMs,
    validDays: ISSUING_DAYS,
  });
  writePublicFile(directory, files.tlsAuthorityCertificate, certificatePem(tls));

  const voucherKey = makeKeyFile(directory, files.voucherKey, 'ed25519');
  const voucher = await issueCertificate(
    crypto,
    { certificate: issuing, signingKey: await signingKeyOf(issuingKey) },
    {
      subject: { commonName: `Tapseal vouchers ${deployment}` },
      spki: spkiOf(voucherKey),
      use: { kind: 'signing' },
      nowMs,
      validDays: VOUCHER_DAYS,
    },
  );
  writePublicFile(directory, files.voucherCertificate, certificatePem(voucher));

  makeKeyFile(directory, files.sealKey, 'x25519');
  writeSecretFile(directory, files.secret, `${bytesToBase64url(crypto.randomBytes(32))}\n`);
}
