/** Property 9: signatures of the different kinds and parties are not interchangeable. */
import { describe, expect, test } from 'vitest';
import { bytesToBase64url, utf8 } from './bytes.js';
import { encodeCbor } from './cbor.js';
import { sign1, toBeSigned } from './cose-sign1.js';
import { openHello } from './hello.js';
import { jwkThumbprint } from './jwk.js';
import { native, objectKinds, outcomeOf, parties, signAs, tap } from './objects.contract.js';
import { verifyVoucherJws } from './voucher-jws.js';

const signers = {
  root: parties.root,
  'voucher key': parties.voucherSigner,
  'next voucher key': parties.nextVoucherSigner,
  touchpoint: parties.touchpoint,
  'other touchpoint': parties.otherTouchpoint,
  phone: parties.phone,
};

describe.each(objectKinds)('property 9: a $kind', (kind) => {
  const others = objectKinds.filter((other) => other.kind !== kind.kind);

  test.each(others)('is not accepted as a $kind', async (other) => {
    expect(await outcomeOf(() => other.read(kind.bytes))).not.toBe('accepted');
  });

  test.each(others)('is not accepted with a signature that was made for a $kind', async (other) => {
    // The same header, the same payload, the right key: only the context differs.
    const message = sign1(other.kind, encodeCbor(kind.payload), kind.signer, kind.keyId);
    expect(await outcomeOf(() => kind.read(message))).toBe(kind.signatureCode);
  });

  test.each(Object.entries(signers))('is not accepted from another party: %s', async (_, signer) => {
    if (signer === kind.signer) return;
    const message = signAs(kind, kind.payload, signer);
    expect(await outcomeOf(() => kind.read(message))).toBe(kind.signatureCode);
  });

  test('is not accepted from a P-256 key', async () => {
    const message = signAs(kind, kind.payload, parties.p256Phone);
    // A registration reads its key by the algorithm of its header, and 32 bytes are no P-256 key.
    const code = kind.kind === 'registration' ? 'message_malformed' : 'suite_unsupported';
    expect(await outcomeOf(() => kind.read(message))).toBe(code);
  });

  test('is not accepted with the kid of one voucher key and the signature of another', async () => {
    if (kind.keyId === undefined) return;
    const message = signAs(kind, kind.payload, kind.signer, parties.nextVoucherKey.keyId);
    expect(await outcomeOf(() => kind.read(message))).toBe('voucher_signature_invalid');
    const unknown = signAs(kind, kind.payload, kind.signer, new Uint8Array(4));
    expect(await outcomeOf(() => kind.read(unknown))).toBe('voucher_signature_invalid');
  });
});

describe('property 9: other forms', () => {
  test('a hello that is sealed to another server does not open', async () => {
    expect(await outcomeOf(() => openHello(native, parties.boxAdvertKey, tap.sealedHello))).toBe(
      'seal_invalid',
    );
  });

  test('a JWS of another type, truly signed with a voucher key, is no voucher', async () => {
    const { publicKey } = parties.voucherSigner;
    const claims = {
      iss: 'demo',
      jti: '0',
      iat: 0,
      touchpoint: '',
      action: '',
      amountMinor: 0,
      offer: '',
      offerVersion: 1,
      offerHash: '',
      requestHash: '',
    };
    for (const header of [
      { alg: 'EdDSA', typ: 'JWT' },
      { alg: 'EdDSA' },
      { alg: 'none', typ: 'tapseal-voucher+jwt' },
      { alg: 'HS256', typ: 'tapseal-voucher+jwt' },
      { alg: 'EdDSA', typ: 'tapseal-voucher+jwt', crit: ['exp'], exp: 0 },
    ]) {
      const full = { ...header, kid: jwkThumbprint(native, publicKey.bytes) };
      const input = `${bytesToBase64url(utf8(JSON.stringify(full)))}.${bytesToBase64url(utf8(JSON.stringify(claims)))}`;
      const jws = `${input}.${bytesToBase64url(parties.voucherSigner.sign(utf8(input)))}`;
      expect(await outcomeOf(() => verifyVoucherJws(native, jws, [parties.voucherKey]))).toBe(
        'suite_unsupported',
      );
    }
  });

  test('the signature of a COSE voucher does not fit its JWS, nor the other way round', () => {
    const cose = toBeSigned('voucher', Uint8Array.of(0xa1, 1, 0x27), utf8('payload'));
    expect(cose[0]).toBe(0x84);
    // A JWS signs ASCII of base64url and one full stop, which never begins with 0x84.
    expect(/^[\x20-\x7e]/.test(String.fromCharCode(cose[0] ?? 0))).toBe(false);
  });
});
