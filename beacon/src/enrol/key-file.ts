/** The box's private key as PKCS#8 PEM (RFC 8410), so that ordinary tools read it; 32 bytes of seed inside. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { base64urlToBytes } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';

const SEED_BYTES = 32;
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

export function pkcs8OfSeed(seed: Uint8Array): Buffer {
  return Buffer.concat([pkcs8Prefix, seed]);
}

export function encodeKeyFile(seed: Uint8Array): string {
  const key = createPrivateKey({ key: pkcs8OfSeed(seed), format: 'der', type: 'pkcs8' });
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** @returns the seed, 32 bytes @throws TapsealError storage_corrupt */
export function decodeKeyFile(pem: string): Uint8Array {
  try {
    const { crv, d } = createPrivateKey(pem).export({ format: 'jwk' });
    const seed = crv === 'Ed25519' && d !== undefined ? base64urlToBytes(d, SEED_BYTES) : undefined;
    if (seed?.length === SEED_BYTES) return seed;
  } catch {
    // Neither the contents nor OpenSSL's words about them go on: this is the private key.
  }
  throw new TapsealError('storage_corrupt', 'key file');
}

/** DER of the public key of a seed. */
export function spkiOfSeed(seed: Uint8Array): Buffer {
  const key = createPrivateKey({ key: pkcs8OfSeed(seed), format: 'der', type: 'pkcs8' });
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}
