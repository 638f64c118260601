/** The verifier, offline, from a JWK set alone (property 27). */
import { describe, expect, test } from 'vitest';
import { adapters } from './adapters.contract.js';
import { bytesToBase64url, bytesToHex, utf8 } from './bytes.js';
import { encodeJwk } from './jwk.js';
import { native, outcomeOf, parties, tap } from './objects.contract.js';
import { fixedOfferText } from './vectors/fixed-parties.js';
import { verifyVoucherFile } from './verify-voucher-file.js';
import { decodeVoucherJws, signVoucherJws, voucherClaims } from './voucher-jws.js';

const jwkSet = { keys: [encodeJwk(native, parties.voucherKey.publicKey.bytes)] };
const otherSet = { keys: [encodeJwk(native, parties.nextVoucherKey.publicKey.bytes)] };
const jws = signVoucherJws(native, voucherClaims(tap.voucher, tap.grounds), parties.voucherSigner);

const said = {
  transactionId: 'c3'.repeat(16),
  touchpointId: 'a1'.repeat(8),
  action: 'dispense',
  amountMinor: 250,
  serverTimeS: 1_790_000_000,
};

/** The COSE form has the beginning of each hash, the JWS form the whole, which anyone can work out. */
const coseHashes = {
  requestHash: bytesToBase64url(native.sha256(new Uint8Array(3).fill(0xe5)).slice(0, 16)),
  offerHash: bytesToBase64url(native.sha256(utf8(fixedOfferText)).slice(0, 16)),
};
const jwsHashes = {
  requestHash: bytesToBase64url(native.sha256(new Uint8Array(3).fill(0xe5))),
  offerHash: bytesToBase64url(native.sha256(utf8(fixedOfferText))),
};

describe.each(adapters)('a voucher file on $name', ({ crypto }) => {
  test.each([
    ['the bytes of the COSE voucher', tap.signedVoucher],
    ['the same as base64url text', utf8(bytesToBase64url(tap.signedVoucher))],
    ['text with a line end', utf8(`${bytesToBase64url(tap.signedVoucher)}\r\n`)],
  ])('is %s', async (_, file) => {
    expect(await verifyVoucherFile(crypto, file, jwkSet)).toEqual({ form: 'cose', ...said, ...coseHashes });
  });

  test('is a JWS, with or without a line end', async () => {
    const expected = {
      form: 'jws',
      ...said,
      ...jwsHashes,
      programme: 'demo',
      offer: 'free-coffee',
      offerVersion: 3,
    };
    expect(await verifyVoucherFile(crypto, utf8(jws), jwkSet)).toEqual(expected);
    expect(await verifyVoucherFile(crypto, utf8(`${jws}\n`), jwkSet)).toEqual(expected);
  });

  test.each([
    ['another key set, COSE', tap.signedVoucher, otherSet, 'voucher_signature_invalid'],
    ['another key set, JWS', utf8(jws), otherSet, 'voucher_signature_invalid'],
    ['no keys', tap.signedVoucher, { keys: [] }, 'voucher_signature_invalid'],
    ['no key set', tap.signedVoucher, 'keys', 'message_malformed'],
    ['an empty file', new Uint8Array(), jwkSet, 'message_malformed'],
    ['a text that is nothing', utf8('voucher'), jwkSet, 'message_malformed'],
    ['hexadecimal', utf8(bytesToHex(tap.signedVoucher)), jwkSet, 'message_too_long'],
    ['a long JWS', utf8(`${jws}${'A'.repeat(2_000)}`), jwkSet, 'message_too_long'],
    ['two full stops alone', utf8('..'), jwkSet, 'message_malformed'],
    ['a JWS with a fourth part', utf8(`${jws}.A`), jwkSet, 'message_malformed'],
    [
      'a JWS without its signature',
      utf8(jws.slice(0, jws.lastIndexOf('.') + 1)),
      jwkSet,
      'message_malformed',
    ],
    ['a padded JWS', utf8(`${jws}==`), jwkSet, 'message_malformed'],
  ])('refuses %s', async (_, file, keys, code) => {
    expect(await outcomeOf(() => verifyVoucherFile(crypto, file, keys))).toBe(code);
  });
});

test('the JWS says the same as the COSE voucher', () => {
  expect(decodeVoucherJws(jws).claims).toEqual({
    iss: 'demo',
    jti: said.transactionId,
    iat: said.serverTimeS,
    touchpoint: said.touchpointId,
    action: said.action,
    amountMinor: said.amountMinor,
    offer: 'free-coffee',
    offerVersion: 3,
    ...jwsHashes,
  });
});

test.each([
  ['another request', { requestHash: new Uint8Array(32) }],
  ['another offer', { offerHash: new Uint8Array(32) }],
  ['a truncated request hash', { requestHash: tap.voucher.requestHash }],
  ['a truncated offer hash', { offerHash: tap.voucher.offerHash }],
])('makes no claims about %s than the voucher', (_, change) => {
  expect(() => voucherClaims(tap.voucher, { ...tap.grounds, ...change })).toThrow(RangeError);
});

test.each([...Object.keys(voucherClaims(tap.voucher, tap.grounds))])(
  'refuses a JWS without the claim %s, or with another type, truly signed',
  async (name) => {
    for (const value of [undefined, null, {}, []]) {
      const claims = { ...voucherClaims(tap.voucher, tap.grounds), [name]: value };
      const signed = signVoucherJws(
        native,
        claims as ReturnType<typeof voucherClaims>,
        parties.voucherSigner,
      );
      expect(await outcomeOf(() => verifyVoucherFile(native, utf8(signed), jwkSet))).toBe(
        'message_malformed',
      );
    }
  },
);
