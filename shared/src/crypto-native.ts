/**
 * Cryptography where native code runs: sodium-native for Ed25519 and sealed boxes (the fastest at hand), node:crypto for
 * the rest, and for Ed25519 too where sodium-native is not installed. The only file of this package that imports Node.
 */
import {
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  hkdfSync,
  type KeyObject,
  sign as nodeSign,
  verify as nodeVerify,
  randomBytes,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { SEAL_OVERHEAD_BYTES, X25519_KEY_BYTES } from './bounds.js';
import { bytesToBase64url } from './bytes.js';
import type { BoxKeyPair, CryptoPort, KeyAlgorithm, PublicKey, Signer } from './crypto-port.js';
import { assertBytes } from './fields.js';
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

/** The same memory without Buffer's own ideas of `slice`. */
function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function loadSodium(): Sodium | undefined {
  try {
    return createRequire(import.meta.url)('sodium-native') as Sodium;
  } catch {
    return undefined;
  }
}

// PKCS#8 up to the private key (RFC 8410 §7).
const ed25519Pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const x25519Pkcs8 = Buffer.from('302e020100300506032b656e04220420', 'hex');

function privateKeyObject(prefix: Buffer, privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([prefix, privateKey]), format: 'der', type: 'pkcs8' });
}

// As JWK, since OpenSSL 3 takes ten times as long to find its decoder for DER, longer than the verification itself.
function okpPublicKey(crv: 'Ed25519' | 'X25519', publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv, x: bytesToBase64url(publicKey) }, format: 'jwk' });
}

function p256Jwk(point: Uint8Array): { kty: string; crv: string; x: string; y: string } {
  return {
    kty: 'EC',
    crv: 'P-256',
    x: bytesToBase64url(point.subarray(1, 33)),
    y: bytesToBase64url(point.subarray(33)),
  };
}

function rawPublicKey(key: KeyObject): Uint8Array {
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return Uint8Array.from(der.subarray(der.length - 32));
}

function p256Signer(privateKey: Uint8Array): Signer {
  if (!isP256Scalar(privateKey)) throw new RangeError('a P-256 private key is a scalar from 1 to n − 1');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(privateKey);
  const point = Uint8Array.from(ecdh.getPublicKey());
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
      return nodeVerify(null, message, okpPublicKey('Ed25519', key.bytes), signature);
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
      assertBytes('recipientPublicKey', recipientPublicKey, X25519_KEY_BYTES);
      const sealed = new Uint8Array(plaintext.length + SEAL_OVERHEAD_BYTES);
      try {
        sodium.crypto_box_seal(sealed, plaintext, recipientPublicKey);
      } catch (cause) {
        throw new RangeError('recipientPublicKey must not have low order', { cause });
      }
      return sealed;
    },
    open: (recipient, sealed) => {
      if (sealed.length < SEAL_OVERHEAD_BYTES) return undefined;
      const message = new Uint8Array(sealed.length - SEAL_OVERHEAD_BYTES);
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
    sha256: (data: Uint8Array) => plainBytes(hash('sha256', data, 'buffer')),
    hmacSha256: (key: Uint8Array, data: Uint8Array) =>
      plainBytes(createHmac('sha256', key).update(data).digest()),
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
    boxKeyPair: (privateKey): BoxKeyPair => {
      assertBytes('privateKey', privateKey, X25519_KEY_BYTES);
      return {
        publicKey: rawPublicKey(privateKeyObject(x25519Pkcs8, privateKey)),
        privateKey: Uint8Array.from(privateKey),
      };
    },
    x25519: (privateKey, publicKey) => {
      assertBytes('privateKey', privateKey, X25519_KEY_BYTES);
      assertBytes('publicKey', publicKey, X25519_KEY_BYTES);
      try {
        return Uint8Array.from(
          diffieHellman({
            privateKey: privateKeyObject(x25519Pkcs8, privateKey),
            publicKey: okpPublicKey('X25519', publicKey),
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
