import { webcrypto } from 'node:crypto';
import { expect, test } from 'vitest';
import { adapterNamed, adapters, platformCrypto } from './adapters.contract.js';
import { bytesToHex, utf8 } from './bytes.js';
import { describeCryptoContract } from './crypto.contract.js';
import { type WebKeyPair, webSigner } from './crypto-web.js';

describeCryptoContract(adapterNamed('web'));

test.each(['Ed25519', 'P-256'] as const)(
  'signs with a non-extractable %s pair of the platform',
  async (algorithm) => {
    const parameters = algorithm === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = (await webcrypto.subtle.generateKey(parameters, false, ['sign', 'verify'])) as WebKeyPair;
    const signer = await webSigner(platformCrypto.subtle, algorithm, pair);
    for (let i = 0; i < 8; i++) {
      const signature = await signer.sign(utf8(`${i}`));
      if (algorithm === 'P-256') expect(bytesToHex(signature.subarray(32, 33)) < '80').toBe(true);
      for (const { crypto } of adapters)
        expect(await crypto.verify(signer.publicKey, utf8(`${i}`), signature)).toBe(true);
    }
  },
);
