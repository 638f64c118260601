/**
 * The phone's key in a file that only its owner can read, beside what the server said at the registration. For laptops and
 * tests: a phone has secure hardware, and an adapter of its own.
 */
import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { base64urlToBytes, bytesToBase64url } from '@tapseal/shared/bytes';
import type { AsyncSigner, KeyAlgorithm, SignerMaking } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { KeyStore, StoredRegistration } from '../../core/ports.js';
import { makeFolder, writeDurable } from './write-durable.js';

const KEY_BYTES = 32;

async function readJson(path: string): Promise<Record<string, unknown> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : {};
  } catch {
    // Not ours: whoever reads the fields finds none.
    return {};
  }
}

/** @throws TapsealError storage_corrupt where the file holds no key, or others may read it */
async function loadKey(crypto: SignerMaking, path: string): Promise<AsyncSigner | undefined> {
  const json = await readJson(path);
  if (json === undefined) return undefined;
  // As ssh does: a key that others could read is no secret, and silence would hide that.
  if (((await stat(path)).mode & 0o077) !== 0)
    throw new TapsealError('storage_corrupt', 'the key file may be read by others');
  const { algorithm, privateKey } = json;
  const bytes = typeof privateKey === 'string' ? base64urlToBytes(privateKey, KEY_BYTES) : undefined;
  if ((algorithm !== 'Ed25519' && algorithm !== 'P-256') || bytes?.length !== KEY_BYTES)
    throw new TapsealError('storage_corrupt', 'key file');
  return crypto.signer(algorithm, bytes);
}

/** @param algorithm of a key that is made; one that is there keeps its own */
async function makeKey(crypto: SignerMaking, path: string, algorithm: KeyAlgorithm): Promise<AsyncSigner> {
  for (;;) {
    const bytes = Uint8Array.from(randomBytes(KEY_BYTES));
    try {
      const signer = crypto.signer(algorithm, bytes);
      await writeDurable(path, JSON.stringify({ algorithm, privateKey: bytesToBase64url(bytes) }));
      return signer;
    } catch (error) {
      // About one in 2^32 random strings is no P-256 scalar.
      if (!(error instanceof RangeError)) throw error;
    }
  }
}

function parseRegistration(json: Record<string, unknown>): StoredRegistration | undefined {
  const { programme, phoneId, shopper, certificates } = json;
  if (typeof programme !== 'string' || typeof phoneId !== 'string' || typeof shopper !== 'string')
    return undefined;
  if (!Array.isArray(certificates) || !certificates.every((pem) => typeof pem === 'string')) return undefined;
  return { programme, phoneId, shopper, certificates };
}

export async function openFileKeyStore(
  crypto: SignerMaking,
  folder: string,
  algorithm: KeyAlgorithm,
): Promise<KeyStore> {
  await makeFolder(folder);
  const keyPath = join(folder, 'key.json');
  const registrationPath = join(folder, 'registration.json');
  let signer: Promise<AsyncSigner> | undefined;
  return {
    signer: () => {
      signer ??= loadKey(crypto, keyPath)
        .then((loaded) => loaded ?? makeKey(crypto, keyPath, algorithm))
        .catch((error: unknown) => {
          // What is mended meanwhile is found at the next call.
          signer = undefined;
          throw error;
        });
      return signer;
    },
    loadRegistration: async () => {
      const json = await readJson(registrationPath);
      return json === undefined ? undefined : parseRegistration(json);
    },
    saveRegistration: (registration) => writeDurable(registrationPath, JSON.stringify(registration)),
  };
}
