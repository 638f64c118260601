import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFacts, sealFacts } from './sealed-facts.js';

const crypto = createNativeCrypto();
const key = new Uint8Array(32).fill(7);
const subject = { unit: 'phone', programme: 'venue', id: new Uint8Array(16).fill(1) } as const;
const fingerprint = new Uint8Array(32).fill(2);
const sealing = { hashing: crypto, key, subject, fingerprint };
const facts = {
  publicKey: { algorithm: 'P-256', bytes: new Uint8Array(65).fill(4) },
  notBeforeMs: 1_700_000_000_000,
  notAfterMs: 1_760_000_000_000,
} as const;
const sealed = sealFacts(sealing, facts);

test('facts come back for the certificate and subject they were sealed for', () => {
  expect(openFacts(sealing, sealed)).toEqual(facts);
});

describe('they do not open', () => {
  test.each([
    ['for another key of the server', { ...sealing, key: new Uint8Array(32) }],
    ['for another certificate', { ...sealing, fingerprint: new Uint8Array(32) }],
    ['for another phone', { ...sealing, subject: { ...subject, id: new Uint8Array(16) } }],
    ['for another programme', { ...sealing, subject: { ...subject, programme: 'other' } }],
    ['for a touchpoint', { ...sealing, subject: { ...subject, unit: 'touchpoint' as const } }],
  ])('%s', (_, other) => {
    expect(openFacts(other, sealed)).toBeUndefined();
  });

  test('with any bit changed, or cut', () => {
    fc.assert(
      fc.property(fc.nat(sealed.length * 8 - 1), (bit) => {
        const spoilt = Uint8Array.from(sealed);
        spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(openFacts(sealing, spoilt)).toBeUndefined();
        expect(openFacts(sealing, sealed.subarray(0, bit >> 3))).toBeUndefined();
      }),
    );
  });
});
