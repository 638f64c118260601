/**
 * Cryptography in browsers: WebCrypto for signatures and randomness, tweetnacl for the sealed box that WebCrypto lacks,
 * @noble for synchronous hashes. Takes the platform's `crypto` by structure and imports neither DOM nor Node.
 */
import { base64urlToBytes, concatBytes, hexToBytes } from './bytes.js';
import type { AsyncCryptoPort, AsyncSigner, AsyncVerifying, KeyAlgorithm, PublicKey } from './crypto-port.js';
import { naclSealing } from './nacl-sealing.js';
import { portableHashing } from './portable-hashing.js';
import { isP256Scalar, isStrictSignature, toLowS } from './strict-signature.js';

/** The part of SubtleCrypto that is used. */
export type WebSubtle = {
  importKey(
    format: 'raw' | 'pkcs8',
    key: Uint8Array,
    algorithm: object,
    extractable: boolean,
    usages: string[],
  ): Promise<unknown>;
  exportKey(format: 'raw', key: unknown): Promise<ArrayBuffer>;
  exportKey(format: 'jwk', key: unknown): Promise<{ x?: string; y?: string }>;
  sign(algorithm: object, key: unknown, data: Uint8Array): Promise<ArrayBuffer>;
  verify(algorithm: object, key: unknown, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
};

export type WebCrypto = { readonly subtle: WebSubtle; getRandomValues(array: Uint8Array): Uint8Array };

/** A CryptoKeyPair, whose private key may be non-extractable. */
export type WebKeyPair = { readonly privateKey: unknown; readonly publicKey: unknown };

// PKCS#8 up to the private key: RFC 8410 §7 for Ed25519; RFC 5915 without the public key for P-256.
const pkcs8Prefix: Record<KeyAlgorithm, string> = {
  Ed25519: '302e020100300506032b657004220420',
  'P-256': '3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420',
};

function keyAlgorithm(algorithm: KeyAlgorithm): object {
  return algorithm === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' };
}

function signAlgorithm(algorithm: KeyAlgorithm): object {
  return algorithm === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', hash: 'SHA-256' };
}

function signerOf(subtle: WebSubtle, publicKey: PublicKey, privateKey: unknown): AsyncSigner {
  return {
    publicKey,
    sign: async (message) => {
      const signature = new Uint8Array(
        await subtle.sign(signAlgorithm(publicKey.algorithm), privateKey, message),
      );
      // WebCrypto returns either of the two s.
      return publicKey.algorithm === 'P-256' ? toLowS(signature) : signature;
    },
  };
}

/** A signer over a key pair that the platform made and keeps. */
export async function webSigner(
  subtle: WebSubtle,
  algorithm: KeyAlgorithm,
  pair: WebKeyPair,
): Promise<AsyncSigner> {
  const bytes = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  return signerOf(subtle, { algorithm, bytes }, pair.privateKey);
}

async function signerFromPrivateKey(
  subtle: WebSubtle,
  algorithm: KeyAlgorithm,
  privateKey: Uint8Array,
): Promise<AsyncSigner> {
  if (privateKey.length !== 32) throw new RangeError('a private key has 32 bytes');
  if (algorithm === 'P-256' && !isP256Scalar(privateKey))
    throw new RangeError('a P-256 private key is a scalar from 1 to n − 1');
  const prefixHex = pkcs8Prefix[algorithm];
  const prefix = hexToBytes(prefixHex, prefixHex.length / 2) as Uint8Array;
  const key = await subtle.importKey(
    'pkcs8',
    concatBytes(prefix, privateKey),
    keyAlgorithm(algorithm),
    true,
    ['sign'],
  );
  const jwk = await subtle.exportKey('jwk', key);
  const x = base64urlToBytes(jwk.x ?? '', 32) ?? new Uint8Array();
  const y = base64urlToBytes(jwk.y ?? '', 32) ?? new Uint8Array();
  const bytes = algorithm === 'Ed25519' ? x : concatBytes(Uint8Array.of(4), x, y);
  return signerOf(subtle, { algorithm, bytes }, key);
}

async function verify(
  subtle: WebSubtle,
  key: PublicKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!isStrictSignature(key, signature)) return false;
  try {
    const imported = await subtle.importKey('raw', key.bytes, keyAlgorithm(key.algorithm), false, ['verify']);
    return await subtle.verify(signAlgorithm(key.algorithm), imported, signature, message);
  } catch {
    // importKey rejects a point that is not on the curve.
    return false;
  }
}

/** Verification alone, for who neither seals nor holds raw keys: an app that uses only this does not load tweetnacl. */
export function webVerifying(subtle: WebSubtle): AsyncVerifying {
  return { verify: (key, message, signature) => verify(subtle, key, message, signature) };
}

export function createWebCrypto(crypto: WebCrypto): AsyncCryptoPort {
  const { subtle } = crypto;
  const randomBytes = (lengthBytes: number): Uint8Array =>
    crypto.getRandomValues(new Uint8Array(lengthBytes));
  return {
    ...portableHashing,
    randomBytes,
    ...webVerifying(subtle),
    ...naclSealing({ randomBytes }),
    signer: (algorithm, privateKey) => signerFromPrivateKey(subtle, algorithm, privateKey),
  };
}
