/** The deployment's keys at work: what signs, opens and issues. Loaded once, from the data directory. */
import { X509Certificate } from 'node:crypto';
import { base64urlToBytes, bytesToHex, utf8 } from '@tapseal/shared/bytes';
import type { BoxKeyPair, CryptoPort, PublicKey, Signer } from '@tapseal/shared/crypto-port';
import { rootFingerprintOf } from '@tapseal/shared/enrolment';
import { voucherKeyIdOf } from '@tapseal/shared/key-id';
import { SignatureThreads, type SignatureThreadsOptions } from '../signatures/signature-threads.js';
import { spkiOfPublicKey } from './certificate-encoding.js';
import type { Issuer } from './issue-certificate.js';
import {
  authorityFiles as files,
  rawPrivateKey,
  readKeyFile,
  readTextFile,
  signingKeyOf,
} from './key-files.js';
import { CertificateVerifier } from './verify-certificate.js';

const YEAR_DAYS = 365;
const TOUCHPOINT_DAYS = 10 * YEAR_DAYS;
const PHONE_DAYS = 2 * YEAR_DAYS;

export type CertificateFile = { readonly pem: string; readonly der: Uint8Array };

export type Authority = {
  readonly root: CertificateFile;
  readonly issuing: CertificateFile;
  readonly tls: CertificateFile;
  readonly voucherCertificate: CertificateFile;
  /** 16 characters: what enrolment codes carry. */
  readonly rootFingerprint: string;
  /** Signs manifests. */
  readonly rootSigner: Signer;
  readonly voucherSigner: Signer;
  /** 4 bytes. */
  readonly voucherKeyId: Uint8Array;
  readonly sealKey: BoxKeyPair;
  /** 32 bytes: MACs of nonces. */
  readonly nonceKey: Uint8Array;
  /** 32 bytes: MACs of shopper references. */
  readonly referenceKey: Uint8Array;
  readonly certificates: CertificateVerifier;
  /** What every tap needs of the voucher key and the seal key. Its threads end with its `close`. */
  startSignatures(options: Pick<SignatureThreadsOptions, 'threads' | 'onDeath'>): SignatureThreads;
  /** DER. */
  issueForTouchpoint(
    subject: { programme: string; name: string; id: Uint8Array },
    key: PublicKey,
    nowMs: number,
  ): Promise<Uint8Array>;
  /** DER. */
  issueForPhone(
    subject: { programme: string; id: Uint8Array },
    key: PublicKey,
    nowMs: number,
  ): Promise<Uint8Array>;
};

function readCertificate(directory: string, name: string): CertificateFile {
  const pem = readTextFile(directory, name);
  return { pem, der: Uint8Array.from(new X509Certificate(pem).raw) };
}

/** @throws Error where a file is missing or damaged */
export async function loadAuthority(crypto: CryptoPort, directory: string): Promise<Authority> {
  const root = readCertificate(directory, files.rootCertificate);
  const issuing = readCertificate(directory, files.issuingCertificate);
  const issuer: Issuer = {
    certificate: issuing.der,
    signingKey: await signingKeyOf(readKeyFile(directory, files.issuingKey)),
  };
  const secret = base64urlToBytes(readTextFile(directory, files.secret).trim(), 32);
  if (secret?.length !== 32) throw new Error(`${files.secret} does not hold 32 bytes`);
  const derive = (purpose: string): Uint8Array =>
    crypto.hkdfSha256(secret, new Uint8Array(), utf8(`tapseal/1/server/${purpose}`), 32);
  const privateKeyOf = (name: string): Uint8Array => rawPrivateKey(readKeyFile(directory, name));
  const voucherKey = privateKeyOf(files.voucherKey);
  const voucherSigner = crypto.signer('Ed25519', voucherKey);
  const sealKey = crypto.boxKeyPair(privateKeyOf(files.sealKey));

  return {
    root,
    issuing,
    tls: readCertificate(directory, files.tlsAuthorityCertificate),
    voucherCertificate: readCertificate(directory, files.voucherCertificate),
    rootFingerprint: rootFingerprintOf(crypto, root.der),
    rootSigner: crypto.signer('Ed25519', privateKeyOf(files.rootKey)),
    voucherSigner,
    voucherKeyId: voucherKeyIdOf(crypto, voucherSigner.publicKey),
    sealKey,
    nonceKey: derive('nonce'),
    referenceKey: derive('shopper-reference'),
    certificates: new CertificateVerifier(crypto, issuing.der, root.der, derive('certificate-facts')),
    startSignatures: (options) => new SignatureThreads({ ...options, voucherKey, sealKey }),
    issueForTouchpoint: async ({ programme, name, id }, key, nowMs) => {
      const { issueCertificate } = await import('./issue-certificate.js');
      return issueCertificate(crypto, issuer, {
        subject: {
          organization: programme,
          unit: 'touchpoint',
          commonName: name,
          serialNumber: bytesToHex(id),
        },
        spki: spkiOfPublicKey(key),
        use: { kind: 'signing' },
        nowMs,
        validDays: TOUCHPOINT_DAYS,
      });
    },
    issueForPhone: async ({ programme, id }, key, nowMs) => {
      const { issueCertificate } = await import('./issue-certificate.js');
      const text = bytesToHex(id);
      return issueCertificate(crypto, issuer, {
        subject: { organization: programme, unit: 'phone', commonName: text, serialNumber: text },
        spki: spkiOfPublicKey(key),
        use: { kind: 'signing' },
        nowMs,
        validDays: PHONE_DAYS,
      });
    },
  };
}
