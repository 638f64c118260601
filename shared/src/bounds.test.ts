import { describe, expect, test } from 'vitest';
import { actions } from './action.js';
import * as bounds from './bounds.js';
import { encodeCbor } from './cbor.js';
import { encodeFrames, type MessageType } from './frame.js';
import { EnrolmentResponse } from './http-api.js';
import { largestValue, objectFields } from './object-fields.contract.js';
import { objectKinds, parties, signAs, tap } from './objects.contract.js';
import { signVoucherJws, voucherClaims } from './voucher-jws.js';

/** The longest message of a kind: each field at its maximum. */
function longest(name: string): Uint8Array {
  const kind = objectKinds.find((candidate) => candidate.kind === name);
  if (kind === undefined) throw new RangeError(name);
  return signAs(kind, objectFields[kind.kind].map(largestValue));
}

describe('budgets', () => {
  test.each(['voucher', 'receipt'] satisfies MessageType[])(
    '%s with every field at its maximum is one packet at MTU 185',
    (type) => {
      const body = longest(type);
      expect(body.length + 1).toBeLessThanOrEqual(bounds.ONE_PACKET_BYTES);
      expect(encodeFrames({ type, body }, 185)).toHaveLength(1);
    },
  );

  test('a sealed hello with every field at its maximum is one packet at MTU 185', () => {
    const signed = longest('hello');
    expect(signed.length).toBe(bounds.HELLO_BYTES_MAX);
    const body = parties.crypto.seal(parties.sealKey.publicKey, signed);
    expect(body.length).toBe(bounds.SEALED_HELLO_BYTES_MAX);
    expect(encodeFrames({ type: 'hello', body }, 185)).toHaveLength(1);
  });

  test('a challenge is one packet at any MTU', () => {
    expect(bounds.CHALLENGE_MESSAGE_BYTES + 1).toBeLessThanOrEqual(
      bounds.ATT_MTU_MIN - bounds.ATT_HEADER_BYTES,
    );
  });

  test.each(objectKinds)(
    'a $kind with every field at its maximum is within its bound',
    ({ kind, bytesMax }) => {
      expect(longest(kind).length).toBeLessThanOrEqual(bytesMax);
    },
  );

  test('a P-256 registration is within its bound', () => {
    const extra = bounds.P256_KEY_BYTES - bounds.ED25519_KEY_BYTES + 1;
    expect(longest('registration').length + extra).toBeLessThanOrEqual(bounds.REGISTRATION_BYTES_MAX);
  });
});

describe('relations between bounds', () => {
  test('a voucher has two truncated hashes in the place of a whole one, and two whole ones would break its packet', () => {
    const truncated = (hash: Uint8Array) => encodeCbor(hash.subarray(0, bounds.TRUNCATED_HASH_BYTES)).length;
    const whole = new Uint8Array(bounds.HASH_BYTES);
    expect(2 * truncated(whole)).toBeLessThanOrEqual(encodeCbor(whole).length);
    // Second preimages take 2^128 tries, as much as it takes to break a signature.
    expect(8 * bounds.TRUNCATED_HASH_BYTES).toBeGreaterThanOrEqual(128);
    const grown = 2 * (encodeCbor(whole).length - truncated(whole));
    expect(longest('voucher').length + grown).toBeGreaterThan(bounds.VOUCHER_BYTES_MAX);
  });

  test('a voucher with every claim at its longest is within the bound of a JWS', () => {
    const { voucherSigner } = parties;
    const name = 'a'.repeat(bounds.NAME_CHARS_MAX);
    const claims = {
      ...voucherClaims(tap.voucher, tap.grounds),
      iss: name,
      iat: bounds.UINT32_MAX,
      action: actions.reduce((longer, action) => (action.length > longer.length ? action : longer)),
      amountMinor: bounds.AMOUNT_MINOR_MAX,
      offer: name,
      offerVersion: Number.MAX_SAFE_INTEGER,
    };
    const jws = signVoucherJws(parties.crypto, claims, voucherSigner);
    expect(jws.length).toBeLessThanOrEqual(bounds.VOUCHER_JWS_CHARS_MAX);
  });

  test('one packet is what ATT carries at MTU 185', () => {
    expect(bounds.ONE_PACKET_BYTES).toBe(185 - bounds.ATT_HEADER_BYTES);
    expect(bounds.SEALED_HELLO_BYTES_MAX).toBe(bounds.HELLO_BYTES_MAX + bounds.SEAL_OVERHEAD_BYTES);
  });

  test('the length in a first frame can tell every message', () => {
    expect(bounds.MESSAGE_BYTES_MAX).toBeLessThanOrEqual(bounds.UINT16_MAX);
    expect(bounds.MESSAGE_BYTES_MAX).toBeGreaterThanOrEqual(bounds.MANIFEST_BYTES_MAX);
  });

  test('a voucher within its window is never refused for the age of its nonce or its time', () => {
    // The server grants within the nonce's life; the box allows that much and its own window of doubt about time.
    expect(bounds.SERVER_TIME_SLACK_S * 1_000).toBeGreaterThanOrEqual(
      bounds.SERVER_NONCE_TTL_MS + bounds.BOX_NONCE_TTL_MS,
    );
  });

  test('the receipts that one phone carries fit one post, with its own', () => {
    expect(bounds.RECEIPTS_CARRIED_MAX + 1).toBeLessThanOrEqual(bounds.RECEIPTS_POSTED_MAX);
    const chars = Math.ceil((bounds.RECEIPT_BYTES_MAX * 4) / 3) + 3;
    expect(bounds.RECEIPTS_POSTED_MAX * chars + 16).toBeLessThanOrEqual(bounds.HTTP_BODY_BYTES_MAX);
  });

  test('a longest request and a longest manifest fit where HTTP carries them', () => {
    const chars = (bytes: number) => Math.ceil((bytes * 4) / 3);
    expect(chars(bounds.REQUEST_BYTES_MAX) + 32).toBeLessThanOrEqual(bounds.HTTP_BODY_BYTES_MAX);
    const schema = JSON.parse(JSON.stringify(EnrolmentResponse.properties.manifest)) as { maxLength: number };
    expect(chars(bounds.MANIFEST_BYTES_MAX)).toBeLessThanOrEqual(schema.maxLength);
  });

  test('a box keeps receipts for many phones, and a held link ends before its nonce', () => {
    expect(bounds.RECEIPTS_KEPT_MAX).toBeGreaterThan(bounds.RECEIPTS_CARRIED_MAX);
    expect(bounds.LINK_HOLD_MS_DEFAULT).toBeLessThan(bounds.BOX_NONCE_TTL_MS);
  });

  test('advertising data and scan response fit 31 bytes each', () => {
    expect(1 + 1 + 2 + 1 + bounds.ADVERT_BYTES).toBeLessThanOrEqual(31);
  });

  test('the pattern of names and their length agree', () => {
    const pattern = new RegExp(bounds.NAME_PATTERN);
    expect(pattern.test('a'.repeat(bounds.NAME_CHARS_MAX))).toBe(true);
    expect(pattern.test('a'.repeat(bounds.NAME_CHARS_MAX + 1))).toBe(false);
  });
});
