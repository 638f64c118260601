/**
 * Cryptography where neither native code nor WebCrypto runs (React Native, old browsers): tweetnacl for Ed25519, X25519
 * and sealed boxes, @noble for P-256 and SHA-256. About a hundred times slower than native; see docs/decisions/002-crypto-adapters.md.
 */
import { p256 } from '@noble/curves/nist.js';
import nacl from 'tweetnacl';
import type { CryptoPort, Randomness, Signer } from './crypto-port.js';
import { naclSealing } from './nacl-sealing.js';
import { portableHashing } from './portable-hashing.js';
import { isP256Scalar, isStrictSignature } from './strict-signature.js';

function ed25519Signer(seed: Uint8Array): Signer {
  const pair = nacl.sign.keyPair.fromSeed(seed);
  return {
    publicKey: { algorithm: 'Ed25519', bytes: pair.publicKey },
    sign: (message) => nacl.sign.detached(message, pair.secretKey),
  };
}

function p256Signer(privateKey: Uint8Array): Signer {
  if (!isP256Scalar(privateKey)) throw new RangeError('a P-256 private key is a scalar from 1 to n − 1');
  return {
    publicKey: { algorithm: 'P-256', bytes: p256.getPublicKey(privateKey, false) },
    sign: (message) => p256.sign(message, privateKey, { lowS: true, format: 'compact' }),
  };
}

/** @param random The platform's generator: React Native has none of its own that tweetnacl could find. */
export function createTweetnaclCrypto(random: Randomness): CryptoPort {
  return {
    ...portableHashing,
    randomBytes: (lengthBytes) => random.randomBytes(lengthBytes),
    verify: (key, message, signature) => {
      if (!isStrictSignature(key, signature)) return false;
      if (key.algorithm === 'Ed25519') return nacl.sign.detached.verify(message, signature, key.bytes);
      try {
        return p256.verify(signature, message, key.bytes, { lowS: true, format: 'compact' });
      } catch {
        // Thrown for a key that is no point of the curve.
        return false;
      }
    },
    ...naclSealing(random),
    signer: (algorithm, privateKey) => {
      if (privateKey.length !== 32) throw new RangeError('a private key has 32 bytes');
      return algorithm === 'P-256' ? p256Signer(privateKey) : ed25519Signer(privateKey);
    },
  };
}
