import { expect, test } from 'vitest';
import { adapterNamed } from './adapters.contract.js';
import { describeCryptoContract } from './crypto.contract.js';
import { createNativeCrypto } from './crypto-native.js';

describeCryptoContract(adapterNamed('native with sodium'));
describeCryptoContract(adapterNamed('native without sodium'));

test('says which engine it found, and leaves sodium out when told to', () => {
  expect(createNativeCrypto().engine).toBe('sodium-native');
  expect(createNativeCrypto({ sodium: false }).engine).toBe('node:crypto');
});
