import { expect, test } from 'vitest';
import { adapterNamed } from './adapters.contract.js';
import { describeCryptoContract } from './crypto.contract.js';
import { createTweetnaclCrypto } from './crypto-tweetnacl.js';

describeCryptoContract(adapterNamed('tweetnacl'));

test('takes all of its randomness from the generator that it was given', () => {
  const crypto = createTweetnaclCrypto({ randomBytes: (length) => new Uint8Array(length).fill(7) });
  const pair = crypto.boxKeyPair(new Uint8Array(32).fill(9));
  const plaintext = new Uint8Array(20);
  expect(crypto.randomBytes(3)).toEqual(Uint8Array.of(7, 7, 7));
  expect(crypto.seal(pair.publicKey, plaintext)).toEqual(crypto.seal(pair.publicKey, plaintext));
});
