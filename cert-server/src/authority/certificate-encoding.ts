/** Certificates and public keys as others read them. Apart from issue-certificate.ts, whose library it does not need. */
import { X509Certificate } from 'node:crypto';
import type { PublicKey } from '@tapseal/shared/crypto-port';

// DER prefixes of SPKI (RFC 8410 §4, RFC 5480 §2).
const spkiPrefix = {
  Ed25519: '302a300506032b6570032100',
  'P-256': '3059301306072a8648ce3d020106082a8648ce3d030107034200',
} as const;

export function spkiOfPublicKey(key: PublicKey): Uint8Array {
  return Uint8Array.from(Buffer.concat([Buffer.from(spkiPrefix[key.algorithm], 'hex'), key.bytes]));
}

/** DER → PEM. */
export function certificatePem(der: Uint8Array): string {
  return new X509Certificate(der).toString();
}
