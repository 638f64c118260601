import { expect, test } from 'vitest';
import { bytesToHex } from './bytes.js';
import { encodeJwk, jwkThumbprint, parseJwkSet } from './jwk.js';
import { keyThumbprint, phoneIdOf, voucherKeyIdOf } from './key-id.js';
import { native, outcomeOf, parties } from './objects.contract.js';
import { findVoucherKey, voucherKeyOf } from './voucher-key.js';
import { hexField as hex } from './wycheproof.contract.js';

test('COSE Key Thumbprint: RFC 9679 §6', () => {
  const x = '65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d';
  const y = '1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c';
  const thumbprint = keyThumbprint(native, { algorithm: 'P-256', bytes: hex(`04${x}${y}`) });
  expect(bytesToHex(thumbprint)).toBe('496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec');
});

test('JWK thumbprint: RFC 8037 §A.3', () => {
  const key = hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
  expect(jwkThumbprint(native, key)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('ids are prefixes, and the two kinds of key never share one', () => {
  const key = parties.phone.publicKey;
  const thumbprint = bytesToHex(keyThumbprint(native, key));
  expect(bytesToHex(phoneIdOf(native, key))).toBe(thumbprint.slice(0, 32));
  expect(bytesToHex(voucherKeyIdOf(native, key))).toBe(thumbprint.slice(0, 8));
  expect(phoneIdOf(native, key)).not.toEqual(phoneIdOf(native, parties.p256Phone.publicKey));
});

test('a voucher key is found by its kid, and by nothing else', () => {
  const keys = [parties.voucherKey, parties.nextVoucherKey];
  expect(findVoucherKey(keys, parties.nextVoucherKey.keyId)).toBe(parties.nextVoucherKey);
  expect(findVoucherKey(keys, new Uint8Array(4))).toBeUndefined();
  expect(findVoucherKey(keys, undefined)).toBeUndefined();
});

test('a JWK set comes and goes, and keys of other kinds are passed over', () => {
  const { bytes } = parties.voucherSigner.publicKey;
  const jwk = encodeJwk(native, bytes);
  const others = [{ kty: 'RSA' }, { kty: 'OKP', crv: 'X25519', x: 'AA' }, {}];
  expect(parseJwkSet(native, { keys: [...others, jwk] })).toEqual([voucherKeyOf(native, bytes)]);
  // The kid is worked out from the key: what the set claims is not believed.
  expect(parseJwkSet(native, { keys: [{ ...jwk, kid: 'x' }] })).toEqual([voucherKeyOf(native, bytes)]);
});

test.each([
  null,
  [],
  'keys',
  {},
  { keys: {} },
  { keys: [null] },
  { keys: ['x'] },
  { keys: [{ kty: 'OKP', crv: 'Ed25519' }] },
  { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] },
  { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(44) }] },
  { keys: Array.from({ length: 65 }, () => ({})) },
])('refuses a JWK set like %j', async (value) => {
  expect(await outcomeOf(() => parseJwkSet(native, value))).toBe('message_malformed');
});
