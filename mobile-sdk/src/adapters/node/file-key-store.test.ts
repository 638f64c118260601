import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFileKeyStore } from './file-key-store.js';

const crypto = createNativeCrypto();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapseal-keys-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('openFileKeyStore', () => {
  it.each(['Ed25519', 'P-256'] as const)(
    'makes a key of %s once, and signs with it after a restart',
    async (algorithm) => {
      const first = await (await openFileKeyStore(crypto, folder, algorithm)).signer();
      const again = await (await openFileKeyStore(crypto, folder, algorithm)).signer();
      expect(again.publicKey).toEqual(first.publicKey);
      const message = Uint8Array.of(1, 2, 3);
      expect(crypto.verify(first.publicKey, message, await again.sign(message))).toBe(true);
      expect(statSync(join(folder, 'key.json')).mode & 0o777).toBe(0o600);
    },
  );

  it('gives two that ask at once the same key', async () => {
    const store = await openFileKeyStore(crypto, folder, 'P-256');
    const [a, b] = await Promise.all([store.signer(), store.signer()]);
    expect(a).toBe(b);
  });

  it('keeps the algorithm of a key that is there', async () => {
    await (await openFileKeyStore(crypto, folder, 'Ed25519')).signer();
    const signer = await (await openFileKeyStore(crypto, folder, 'P-256')).signer();
    expect(signer.publicKey.algorithm).toBe('Ed25519');
  });

  it('does not use a key that others may read', async () => {
    await (await openFileKeyStore(crypto, folder, 'P-256')).signer();
    chmodSync(join(folder, 'key.json'), 0o644);
    await expect((await openFileKeyStore(crypto, folder, 'P-256')).signer()).rejects.toMatchObject({
      code: 'storage_corrupt',
    });
  });

  it('asks the disk again after a fault', async () => {
    await (await openFileKeyStore(crypto, folder, 'P-256')).signer();
    chmodSync(join(folder, 'key.json'), 0o644);
    const store = await openFileKeyStore(crypto, folder, 'P-256');
    await expect(store.signer()).rejects.toMatchObject({ code: 'storage_corrupt' });
    chmodSync(join(folder, 'key.json'), 0o600);
    await expect(store.signer()).resolves.toMatchObject({ publicKey: { algorithm: 'P-256' } });
  });

  it.each(['', '{', '{"algorithm":"RSA"}', '{"algorithm":"P-256","privateKey":"AAAA"}', '[]'])(
    'does not put another key in the place of a damaged one (%j)',
    async (text) => {
      writeFileSync(join(folder, 'key.json'), text, { mode: 0o600 });
      await expect((await openFileKeyStore(crypto, folder, 'P-256')).signer()).rejects.toMatchObject({
        code: 'storage_corrupt',
      });
    },
  );

  it('remembers the registration', async () => {
    const store = await openFileKeyStore(crypto, folder, 'P-256');
    expect(await store.loadRegistration()).toBeUndefined();
    const registration = { programme: 'demo', phoneId: 'ab'.repeat(16), shopper: 's', certificates: ['PEM'] };
    await store.saveRegistration(registration);
    expect(await (await openFileKeyStore(crypto, folder, 'P-256')).loadRegistration()).toEqual(registration);
  });
});
