import { describe, expect, test } from 'vitest';
import {
  enrolmentSecretHash,
  formatEnrolmentCode,
  makeEnrolmentCode,
  parseEnrolmentCode,
  rootFingerprintOf,
  signEnrolmentBinding,
  verifyEnrolmentBinding,
} from './enrolment.js';
import { native, outcomeOf, parties } from './objects.contract.js';

const root = new Uint8Array(300).fill(1);

describe('enrolment code', () => {
  test('is 32 characters in eight groups, secret first, and comes back', () => {
    for (let i = 0; i < 200; i++) {
      const code = makeEnrolmentCode(native, root);
      const text = formatEnrolmentCode(code);
      expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){7}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(parseEnrolmentCode(text)).toEqual(code);
    }
  });

  test('is Crockford base 32, most significant bits first', () => {
    const fixed = {
      ...native,
      randomBytes: () => Uint8Array.of(0, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf),
    };
    expect(makeEnrolmentCode(fixed, root).secret).toBe('0123456789ABCDEF');
  });

  test('names the root: another root, another fingerprint', () => {
    expect(makeEnrolmentCode(native, root).rootFingerprint).toBe(rootFingerprintOf(native, root));
    expect(rootFingerprintOf(native, root.subarray(1))).not.toBe(rootFingerprintOf(native, root));
  });

  test('forgives what a person confuses', () => {
    const parsed = { secret: '0123456789ABCDEF', rootFingerprint: 'GHJKMNPQRSTVWXYZ' };
    expect(parseEnrolmentCode('0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ')).toEqual(parsed);
    expect(parseEnrolmentCode(' o i23 4567\t89ab-cdef\nghjkmnpqrstvwxyz ')).toEqual(parsed);
    expect(parseEnrolmentCode('OL23456789abcdefGHJKMNPQRSTVWXYZ')).toEqual(parsed);
  });

  test.each([
    '',
    '0123-4567-89AB-CDEF',
    '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXY',
    '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ0',
    '0123-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYU',
    '0123_4567_89AB_CDEF_GHJK_MNPQ_RSTV_WXYZ',
    // U+0131 has I as its upper case, and U+017F S.
    '0\u{131}23-4567-89AB-CDEF-GHJK-MNPQ-RSTV-WXYZ',
    '0123-4567-89AB-CDEF-GHJK-MNPQ-R\u{17f}TV-WXYZ',
    ' '.repeat(100),
  ])('refuses %j', (text) => {
    expect(parseEnrolmentCode(text)).toBeUndefined();
  });
});

describe('enrolment binding', () => {
  const secretHash = enrolmentSecretHash(native, '0123456789ABCDEF');
  const { touchpoint, otherTouchpoint, boxAdvertKey } = parties;
  const binding = signEnrolmentBinding(secretHash, boxAdvertKey.publicKey, touchpoint);

  test('gives the key for adverts of the box that signed it', () => {
    const key = verifyEnrolmentBinding(native, binding, touchpoint.publicKey, secretHash);
    expect(key).toEqual(boxAdvertKey.publicKey);
  });

  test('is not good for another box or another code', async () => {
    const otherHash = enrolmentSecretHash(native, '0123456789ABCDEG');
    for (const [key, hash] of [
      [otherTouchpoint.publicKey, secretHash],
      [touchpoint.publicKey, otherHash],
    ] as const) {
      const code = await outcomeOf(() => verifyEnrolmentBinding(native, binding, key, hash));
      expect(code).toBe('enrolment_request_invalid');
    }
  });
});
