/** Property 8: any one bit of any message flipped is refused, with one shape of error. */
import { describe, expect, test } from 'vitest';
import {
  decodeAdvert,
  decodeManufacturerData,
  encodeAdvert,
  isAdvertOf,
  makeAdvert,
  scanResponseData,
} from './advert.js';
import { equalBytes, utf8 } from './bytes.js';
import { decodeChallenge, encodeChallenge } from './challenge.js';
import { encodeFrames, FrameReader, type Message } from './frame.js';
import { openHello } from './hello.js';
import { native, objectKinds, outcomeOf, parties, tap } from './objects.contract.js';
import { checkServerNonce } from './server-nonce.js';
import { fixedNowMs } from './vectors/fixed-parties.js';
import { signVoucherJws, verifyVoucherJws, voucherClaims } from './voucher-jws.js';

function* flipped(bytes: Uint8Array): Generator<{ bit: number; bytes: Uint8Array }> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (0x80 >> (bit & 7));
    yield { bit, bytes: copy };
  }
}

describe('property 8: one flipped bit', () => {
  test.each(objectKinds)('of a signed $kind', async ({ bytes, read, signatureCode }) => {
    const allowed = new Set(['message_malformed', 'suite_unsupported', signatureCode]);
    const codes = new Set<string>();
    for (const { bit, bytes: altered } of flipped(bytes)) {
      const code = await outcomeOf(() => read(altered));
      expect(allowed, `bit ${bit}: ${code}`).toContain(code);
      codes.add(code);
    }
    expect(codes).toContain(signatureCode);
  });

  test('of a sealed hello', async () => {
    for (const { bit, bytes } of flipped(tap.sealedHello)) {
      // The top bit of an X25519 key carries nothing (RFC 7748 §5), but the nonce of the box covers it.
      expect(await outcomeOf(() => openHello(native, parties.sealKey, bytes)), `bit ${bit}`).toBe(
        'seal_invalid',
      );
    }
  });

  test('of a nonce', async () => {
    for (const { bit, bytes } of flipped(tap.serverNonce)) {
      const check = () => checkServerNonce(native, parties.nonceKey, 'demo', fixedNowMs, bytes);
      expect(await outcomeOf(check), `bit ${bit}`).toBe('nonce_invalid');
    }
  });

  test('of a challenge: another version, another suite, or the challenge of no transaction', async () => {
    for (const { bit, bytes } of flipped(encodeChallenge(tap.hello.challenge))) {
      const code = await outcomeOf(() => {
        expect(equalBytes(decodeChallenge(bytes), tap.hello.challenge)).toBe(false);
      });
      expect(code).toBe(bit < 8 ? 'version_unsupported' : bit < 16 ? 'suite_unsupported' : 'accepted');
    }
  });

  test('of an advert', async () => {
    const key = new Uint8Array(32).fill(5);
    const advert = makeAdvert(native, key, new Uint8Array(8).fill(6));
    expect(isAdvertOf(native, key, advert)).toBe(true);
    for (const { bit, bytes } of flipped(encodeAdvert(advert)))
      expect(isAdvertOf(native, key, decodeAdvert(bytes)), `bit ${bit}`).toBe(false);
    for (const { bit, bytes } of flipped(scanResponseData(advert).subarray(2))) {
      const code = await outcomeOf(() => {
        expect(isAdvertOf(native, key, decodeManufacturerData(bytes))).toBe(false);
      });
      expect(code).toBe(bit < 16 ? 'message_malformed' : bit < 24 ? 'version_unsupported' : 'accepted');
    }
  });

  test('of a voucher as JWS', async () => {
    const keys = [parties.voucherKey];
    const jws = signVoucherJws(native, voucherClaims(tap.voucher, tap.grounds), parties.voucherSigner);
    await verifyVoucherJws(native, jws, keys);
    const allowed = new Set(['message_malformed', 'suite_unsupported', 'voucher_signature_invalid']);
    for (const { bit, bytes } of flipped(utf8(jws))) {
      const text = String.fromCharCode(...bytes);
      expect(allowed, `bit ${bit}`).toContain(await outcomeOf(() => verifyVoucherJws(native, text, keys)));
    }
  });

  test.each([23, 185])('of any frame at MTU %i: what arrives is no voucher of the server', async (mtu) => {
    const voucher = objectKinds.find(({ kind }) => kind === 'voucher');
    if (voucher === undefined) throw new Error('no voucher');
    const packets = encodeFrames({ type: 'voucher', body: voucher.bytes }, mtu);
    for (const [index, packet] of packets.entries()) {
      for (const { bit, bytes } of flipped(packet)) {
        const reader = new FrameReader();
        const read: Message[] = [];
        const code = await outcomeOf(() => {
          for (const [at, sent] of packets.entries()) {
            const message = reader.push(at === index ? bytes : sent);
            if (message !== undefined) read.push(message);
          }
        });
        expect(['accepted', 'message_malformed', 'message_too_long']).toContain(code);
        for (const message of read) {
          if (message.type !== 'voucher') continue;
          const verdict = await outcomeOf(() => voucher.read(message.body));
          expect(verdict, `packet ${index}, bit ${bit}`).not.toBe('accepted');
        }
      }
    }
  });
});
