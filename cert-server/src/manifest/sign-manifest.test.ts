import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { verifyManifest } from '@tapseal/shared/manifest';
import { expect, test } from 'vitest';
import { manifestSigning } from './sign-manifest.js';

const crypto = createNativeCrypto();
const rootSigner = crypto.signer('Ed25519', new Uint8Array(32).fill(1));
const authority = {
  rootSigner,
  voucherSigner: crypto.signer('Ed25519', new Uint8Array(32).fill(2)),
  sealKey: crypto.boxKeyPair(new Uint8Array(32).fill(3)),
};
const NOW_S = 1_780_000_000;

test.each([
  ['the first one', 0, NOW_S],
  ['one after an older one', NOW_S - 1, NOW_S],
  ['another one in the same second', NOW_S, NOW_S + 1],
  ['one after the clock was set back', NOW_S + 5_000, NOW_S + 5_001],
])('the version of %s', (_name, newestVersion, version) => {
  const signed = manifestSigning(authority, NOW_S * 1_000 + 999)('venue', newestVersion, []);
  expect(signed.version).toBe(version);
  const manifest = verifyManifest(crypto, signed.bytes, rootSigner.publicKey);
  expect(manifest).toMatchObject({ programme: 'venue', version, issuedAtS: NOW_S });
});
