/**
 * Private keys and certificates as files of the data directory: PKCS#8 and X.509 as PEM, keys readable by their owner alone,
 * nothing ever overwritten.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  webcrypto,
} from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const authorityFiles = {
  rootKey: 'root.key.pem',
  rootCertificate: 'root.crt.pem',
  issuingKey: 'issuing.key.pem',
  issuingCertificate: 'issuing.crt.pem',
  tlsAuthorityKey: 'tls-authority.key.pem',
  tlsAuthorityCertificate: 'tls-authority.crt.pem',
  voucherKey: 'voucher.key.pem',
  voucherCertificate: 'voucher.crt.pem',
  sealKey: 'seal.key.pem',
  /** 32 random bytes behind the MACs of nonces and of shopper references. */
  secret: 'server-secret.key',
} as const;

/** @throws Error with code EEXIST where there is one already */
export function writeSecretFile(directory: string, name: string, content: string): void {
  writeFileSync(join(directory, name), content, { mode: 0o600, flag: 'wx' });
}

/** @throws Error with code EEXIST where there is one already */
export function writePublicFile(directory: string, name: string, content: string): void {
  writeFileSync(join(directory, name), content, { mode: 0o644, flag: 'wx' });
}

export function readTextFile(directory: string, name: string): string {
  return readFileSync(join(directory, name), 'utf8');
}

/** A new key, written before it is used. */
export function makeKeyFile(
  directory: string,
  name: string,
  type: 'ed25519' | 'x25519' | 'P-256',
): KeyObject {
  const key = makeKey(type);
  writeSecretFile(directory, name, key.export({ format: 'pem', type: 'pkcs8' }).toString());
  return key;
}

function makeKey(type: 'ed25519' | 'x25519' | 'P-256'): KeyObject {
  if (type === 'ed25519') return generateKeyPairSync('ed25519').privateKey;
  if (type === 'x25519') return generateKeyPairSync('x25519').privateKey;
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

export function readKeyFile(directory: string, name: string): KeyObject {
  return createPrivateKey(readTextFile(directory, name));
}

/** The 32 private bytes of an Ed25519 or X25519 key: the end of its PKCS#8 (RFC 8410 §7). */
export function rawPrivateKey(key: KeyObject): Uint8Array {
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return Uint8Array.from(der.subarray(der.length - 32));
}

export function spkiOf(key: KeyObject): Uint8Array {
  return Uint8Array.from(createPublicKey(key).export({ format: 'der', type: 'spki' }));
}

const webCryptoAlgorithm = {
  ed25519: { name: 'Ed25519' },
  ec: { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

/** The same key for WebCrypto, which the X.509 library signs with. */
export function signingKeyOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? webCryptoAlgorithm.ed25519 : webCryptoAlgorithm.ec;
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
