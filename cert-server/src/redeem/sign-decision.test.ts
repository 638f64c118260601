import { bytesToBase64url, bytesToHex, utf8 } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { verifyRefusal } from '@tapseal/shared/refusal';
import { verifyVoucher } from '@tapseal/shared/voucher';
import { verifyVoucherJws } from '@tapseal/shared/voucher-jws';
import { voucherKeyOf } from '@tapseal/shared/voucher-key';
import { expect, test } from 'vitest';
import type { Grant } from '../store/records.js';
import { signGrant, signGrantJws, signRefused } from './sign-decision.js';

const crypto = createNativeCrypto();
const voucherSigner = crypto.signer('Ed25519', new Uint8Array(32).fill(7));
const key = voucherKeyOf(crypto, voucherSigner.publicKey.bytes);
const authority = { voucherSigner, voucherKeyId: key.keyId };

const requestHash = crypto.sha256(utf8('the signed request'));
const offerHash = crypto.sha256(utf8('the text of the offer version'));

const asked = {
  transactionId: new Uint8Array(16).fill(1),
  requestHash,
  phoneId: new Uint8Array(16).fill(2),
  shopper: 'shopper',
  boxId: new Uint8Array(8).fill(3),
  touchpoint: 'lobby-1',
  boxNonce: new Uint8Array(16).fill(4),
  offer: 'credit',
  offerVersion: 3,
  offerHash,
  amountMinor: 250,
  decidedAtMs: 1_790_000_000_999,
  manifestVersion: 8,
  receiptsThrough: 41,
  boxManifestVersion: 7,
  voucherKeyId: key.keyId,
};
const grant: Grant = {
  ...asked,
  granted: true,
  action: 'credit',
  awardedMinor: 70,
  holdEndsAtMs: undefined,
};

test('the voucher has what is awarded, and the first 16 bytes of both hashes', () => {
  expect(verifyVoucher(crypto, signGrant(authority, grant), [key])).toEqual({
    touchpointId: grant.boxId,
    boxNonce: grant.boxNonce,
    transactionId: grant.transactionId,
    action: 'credit',
    amountMinor: 70,
    serverTimeS: 1_790_000_000,
    manifestVersion: 8,
    receiptsThrough: 41,
    requestHash: requestHash.slice(0, 16),
    offerHash: offerHash.slice(0, 16),
  });
});

test('the JWS says the same with all bytes of both hashes, and names the version', async () => {
  const jws = signGrantJws(crypto, authority, 'venue', grant);
  expect(await verifyVoucherJws(crypto, jws, [key])).toEqual({
    iss: 'venue',
    jti: bytesToHex(grant.transactionId),
    iat: 1_790_000_000,
    touchpoint: bytesToHex(grant.boxId),
    action: 'credit',
    amountMinor: 70,
    offer: 'credit',
    offerVersion: 3,
    offerHash: bytesToBase64url(offerHash),
    requestHash: bytesToBase64url(requestHash),
  });
});

test('signing the same record again gives the same bytes', () => {
  expect(signGrant(authority, grant)).toEqual(signGrant(authority, grant));
  expect(signGrantJws(crypto, authority, 'venue', grant)).toBe(
    signGrantJws(crypto, authority, 'venue', grant),
  );
});

test('a grant without the hash of its offer is not signed', () => {
  const broken = { ...grant, offerHash: undefined };
  expect(() => signGrant(authority, broken)).toThrow('without the hash');
  expect(() => signGrantJws(crypto, authority, 'venue', broken)).toThrow('without the hash');
});

test('nothing is signed with another key than the one on record', () => {
  const other = { ...grant, voucherKeyId: new Uint8Array(4) };
  expect(() => signGrant(authority, other)).toThrow('voucher key');
  expect(() => signGrantJws(crypto, authority, 'venue', other)).toThrow('voucher key');
});

test.each([
  ['the second after', 1_790_000_100_001, 1_790_000_101],
  ['the second itself', 1_790_000_100_000, 1_790_000_100],
  ['never', undefined, 0],
  ['never, where 32 bits do not hold it', 2 ** 32 * 1_000, 0],
])('a refusal has the whole request hash, and resets at %s', async (_, resetsAtMs, resetsAtS) => {
  const why = { code: 'limit_reached' as const, rule: 'in all', used: 100, maximum: 100, resetsAtMs };
  const signed = signRefused(authority, { ...asked, granted: false, ...why });
  expect(await verifyRefusal(crypto, signed, [key])).toMatchObject({ requestHash, resetsAtS, used: 100 });
});
