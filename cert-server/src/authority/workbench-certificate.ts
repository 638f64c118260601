/** The TLS certificate of a server on the workbench: P-256, from the TLS authority, made anew when names or time ask for it. */
import { X509Certificate } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { certificatePem } from './certificate-encoding.js';
import {
  authorityFiles,
  makeKeyFile,
  readKeyFile,
  readTextFile,
  signingKeyOf,
  spkiOf,
  writePublicFile,
} from './key-files.js';

const files = { key: 'workbench.key.pem', certificate: 'workbench.crt.pem' } as const;
/** Browsers refuse server certificates that are valid for longer. */
const VALID_DAYS = 397;
const RENEWED_BEFORE_MS = 30 * 86_400_000;
const ownNames = ['localhost', '127.0.0.1', '::1'];

function isUsable(directory: string, names: readonly string[], nowMs: number): boolean {
  if (!existsSync(join(directory, files.key)) || !existsSync(join(directory, files.certificate)))
    return false;
  const certificate = new X509Certificate(readTextFile(directory, files.certificate));
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name, { subject: 'never' }) : certificate.checkIP(name)) !==
    undefined;
  return (
    names.every(covers) &&
    Date.parse(certificate.validFrom) <= nowMs &&
    nowMs < Date.parse(certificate.validTo) - RENEWED_BEFORE_MS
  );
}

/** @returns PEM: the chain with the root, by whose fingerprint a box that enrols knows the server, and the key */
export async function workbenchCertificate(
  crypto: CryptoPort,
  directory: string,
  extraNames: readonly string[],
  nowMs: number,
): Promise<{ cert: string; key: string }> {
  const names = [...new Set([...ownNames, ...extraNames])];
  const authority = readTextFile(directory, authorityFiles.tlsAuthorityCertificate);
  if (!isUsable(directory, names, nowMs)) {
    const { issueCertificate } = await import('./issue-certificate.js');
    rmSync(join(directory, files.key), { force: true });
    rmSync(join(directory, files.certificate), { force: true });
    const key = makeKeyFile(directory, files.key, 'P-256');
    const certificate = await issueCertificate(
      crypto,
      {
        certificate: Uint8Array.from(new X509Certificate(authority).raw),
        signingKey: await signingKeyOf(readKeyFile(directory, authorityFiles.tlsAuthorityKey)),
      },
      {
        subject: { commonName: 'localhost' },
        spki: spkiOf(key),
        use: { kind: 'tls', names },
        nowMs,
        validDays: VALID_DAYS,
      },
    );
    writePublicFile(directory, files.certificate, certificatePem(certificate));
  }
  return {
    cert: `${readTextFile(directory, files.certificate)}${authority}${readTextFile(directory, authorityFiles.rootCertificate)}`,
    key: readTextFile(directory, files.key),
  };
}
