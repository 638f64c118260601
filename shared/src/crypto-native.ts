/**
 * Cryptography where native code runs: sodium-native for Ed25519 and sealed boxes (the fastest at hand), node:crypto for
 * the rest, and for Ed25519 too where sodium-native is not installed. One of the files here that may import Node.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
  randomBytes,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { p256 } from '@noble/curves/nist.js';
import { bytesToBase64url } from './bytes.js';
import type { BoxKeyPair, CryptoPort, KeyAlgorithm, PublicKey, Signer } from './crypto-port.js';
import { naclSealing } from './nacl-sealing.js';
import { isP256Scalar, isStrictSignature, toLowS } from './strict-signature.js';

/** The part of sodium-native that is used; it ships no types. */
type Sodium = {
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
  crypto_box_seal(sealed: Uint8Array, message: Uint8Array, publicKey: Uint8Array): void;
  crypto_box_seal_open(
    message: Uint8Array,
    sealed: Uint8Array,
    publicKey: Uint8Array,
    secretKey: Uint8Array,
  ): boolean;
};

function loadSodium(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch {
    return undefined;
  }
}

// DER prefixes of PKCS#8 and SPKI for the two curves of 25519 (RFC 8410 §7, §4).
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const ed25519Spki = Buffer.from('302a300506032b6570032100', 'hex');
const x25519Pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const x25519Spki = Buffer.from('302a300506032b656e032100', 'hex');

function privateKeyObject(prefix: Buffer, privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([prefix, privateKey]), format: 'der', type: 'pkcs8' });
}

function publicKeyObject(prefix: Buffer, publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' });
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(der.subarray(der.length - 32));
}

function p256Jwk(point: Uint8Array): { kty: string; crv: string; x: string; y: string } {
  return {
    kty: 'EC',
    crv: 'P-256',
    x: bytesToBase64url(point.subarray(1, 33)),
    y: bytesToBase64url(point.subarray(33)),
  };
}

function p256Signer(privateKey: Uint8Array): Signer {
  if (!isP256Scalar(privateKey)) throw new RangeError('a P-256 private key is a scalar from 1 to n − 1');
  const point = p256.getPublicKey(privateKey, false);
  const key = createPrivateKey({
    key: { ...p256Jwk(point), d: bytesToBase64url(privateKey) },
    format: 'jwk',
  });
  return {
    publicKey: { algorithm: 'P-256', bytes: point },
    sign: (message) =>
      toLowS(Uint8Array.from(nodeSign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }))),
  };
}

function sodiumSigner(sodium: Sodium, seed: Uint8Array): Signer {
  const publicKey = new Uint8Array(32);
  const secretKey = new Uint8Array(64);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return {
    publicKey: { algorithm: 'Ed25519', bytes: publicKey },
    sign: (message) => {
      const signature = new Uint8Array(64);
      sodium.crypto_sign_detached(signature, message, secretKey);
      return signature;
    },
  };
}

function nodeEd25519Signer(seed: Uint8Array): Signer {
  const key = privateKeyObject(ed25519Pkcs8, seed);
  return {
    publicKey: { algorithm: 'Ed25519', bytes: rawPublicKey(key) },
    sign: (message) => Uint8Array.from(nodeSign(null, message, key)),
  };
}

function verifyWithNode(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    if (key.algorithm === 'Ed25519')
      return nodeVerify(null, message, publicKeyObject(ed25519Spki, key.bytes), signature);
    const point = createPublicKey({ key: p256Jwk(key.bytes), format: 'jwk' });
    return nodeVerify('sha256', message, { key: point, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    // OpenSSL throws for a key that is no point of the curve; to us it is a signature that does not hold.
    return false;
  }
}

function sodiumSealing(sodium: Sodium): Pick<CryptoPort, 'seal' | 'open'> {
  return {
    seal: (recipientPublicKey, plaintext) => {
      const sealed = new Uint8Array(plaintext.length + 48);
      sodium.crypto_box_seal(sealed, plaintext, recipientPublicKey);
      return sealed;
    },
    open: (recipient, sealed) => {
      if (sealed.length < 48) return undefined;
      const message = new Uint8Array(sealed.length - 48);
      return sodium.crypto_box_seal_open(message, sealed, recipient.publicKey, recipient.privateKey)
        ? message
        : undefined;
    },
  };
}

/**
 * @param options.sodium false leaves sodium-native out, as on a machine where it is not installed.
 */
export function createNativeCrypto(
  options: { sodium?: boolean } = {},
): CryptoPort & { readonly engine: string } {
  const sodium = options.sodium === false ? undefined : loadSodium();
  const random = (lengthBytes: number): Uint8Array => Uint8Array.from(randomBytes(lengthBytes));
  const hashing = {
    sha256: (data: Uint8Array) => Uint8Array.from(createHash('sha256').update(data).digest()),
    hmacSha256: (key: Uint8Array, data: Uint8Array) =>
      Uint8Array.from(createHmac('sha256', key).update(data).digest()),
    hkdfSha256: (input: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number) =>
      new Uint8Array(hkdfSync('sha256', input, salt, info, lengthBytes)),
  };
  return {
    engine: sodium === undefined ? 'node:crypto' : 'sodium-native',
    ...hashing,
    randomBytes: random,
    ...naclSealing({ randomBytes: random }),
    verify: (key, message, signature) => {
      if (!isStrictSignature(key, signature)) return false;
      if (key.algorithm === 'Ed25519' && sodium !== undefined) {
        return sodium.crypto_sign_verify_detached(signature, message, key.bytes);
      }
      return verifyWithNode(key, message, signature);
    },
    boxKeyPair: (privateKey): BoxKeyPair => ({
      publicKey: rawPublicKey(privateKeyObject(x25519Pkcs8, privateKey)),
      privateKey: Uint8Array.from(privateKey),
    }),
    x25519: (privateKey, publicKey) => {
      try {
        return Uint8Array.from(
          diffieHellman({
            privateKey: privateKeyObject(x25519Pkcs8, privateKey),
            publicKey: publicKeyObject(x25519Spki, publicKey),
          }),
        );
      } catch {
        // OpenSSL refuses the all-zero secret of a low-order point.
        return undefined;
      }
    },
    ...(sodium === undefined ? {} : sodiumSealing(sodium)),
    signer: (algorithm: KeyAlgorithm, privateKey) => {
      if (privateKey.length !== 32) throw new RangeError('a private key has 32 bytes');
      if (algorithm === 'P-256') return p256Signer(privateKey);
      return sodium === undefined ? nodeEd25519Signer(privateKey) : sodiumSigner(sodium, privateKey);
    },
  };
}
