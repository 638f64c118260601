/** Each check of a voucher refuses with its own code and changes nothing; the order of the checks decides between two. */
import type { Hello } from '@tapseal/shared/hello';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Voucher } from '@tapseal/shared/voucher';
import { describe, expect, test } from 'vitest';
import { type BoxBench, enrolledBench } from '../testing/box-bench.js';
import { SERVER_TIME_S } from '../testing/test-authority.js';
import { checkVoucher } from './voucher-checks.js';

type Case = {
  readonly code: string;
  readonly voucher: (box: BoxBench, hello: Hello) => Uint8Array;
};

const signed =
  (changes: Partial<Voucher>): Case['voucher'] =>
  (box, hello) =>
    box.authority.voucher(hello, changes);

const cases: readonly Case[] = [
  { code: 'message_malformed', voucher: () => Uint8Array.of(0x84) },
  {
    code: 'voucher_signature_invalid',
    voucher: (box, hello) =>
      box.authority.voucher(hello, {}, box.crypto.signer('Ed25519', box.crypto.randomBytes(32))),
  },
  { code: 'voucher_wrong_touchpoint', voucher: signed({ touchpointId: new Uint8Array(8) }) },
  { code: 'voucher_nonce_unknown', voucher: signed({ boxNonce: new Uint8Array(16) }) },
  { code: 'voucher_action_forbidden', voucher: signed({ action: 'dispense' }) },
];

describe('a refused voucher', () => {
  test.each(cases)('$code', async ({ code, voucher }) => {
    const box = await enrolledBench({ seed: 501 });
    box.open(1);
    const hello = box.greet(1);
    const before = box.disk.calls;
    box.write(1, 'voucher', voucher(box, hello));
    expect(box.statuses(1)).toEqual([code]);
    expect(box.reports).toContainEqual({ event: 'refused', message: 'voucher', code });
    expect(box.disk.calls).toBe(before);
    // The hello is still good for the right voucher.
    box.write(1, 'voucher', box.authority.voucher(hello));
    expect(box.receipts(1)).toHaveLength(1);
    expect(box.actuations).toHaveLength(1);
  });

  test('message_too_long, by its frame already', async () => {
    const box = await enrolledBench({ seed: 500 });
    box.open(1, 247);
    box.packet(1, Uint8Array.of(0x83, ...new Uint8Array(182)));
    expect(box.statuses(1)).toEqual(['message_too_long']);
    expect(box.reports).toContainEqual({ event: 'refused', message: 'frame', code: 'message_too_long' });
  });

  test('voucher_signature_invalid by a revoked key', async () => {
    const box = await enrolledBench({ seed: 502 });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    box.write(
      1,
      'manifest',
      box.authority.manifest({ version: 2, revokedVoucherKeys: [box.authority.voucherKeyId] }),
    );
    box.write(1, 'voucher', voucher);
    expect(box.statuses(1)).toEqual(['manifest_installed', 'voucher_signature_invalid']);
  });

  test('touchpoint_revoked, and no more hellos either', async () => {
    const box = await enrolledBench({ seed: 503 });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    box.write(1, 'manifest', box.authority.manifest({ version: 2, revokedTouchpoints: [box.touchpointId] }));
    box.write(1, 'voucher', voucher);
    box.write(1, 'challenge', Uint8Array.of(1, 1, ...new Uint8Array(16)));
    expect(box.statuses(1)).toEqual(['manifest_installed', 'touchpoint_revoked', 'touchpoint_revoked']);
  });

  test('voucher_used before voucher_nonce_unknown', async () => {
    const box = await enrolledBench({ seed: 504 });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    box.write(1, 'voucher', voucher);
    box.advance(1_000);
    box.boot();
    box.open(2);
    box.write(2, 'voucher', voucher);
    expect(box.statuses(2)).toEqual(['voucher_used']);
  });
});

test('voucher_time_older comes before voucher_action_forbidden', async () => {
  const box = await enrolledBench({ seed: 505 });
  box.open(1);
  const hello = box.greet(1);
  const bytes = box.authority.voucher(hello, { serverTimeS: SERVER_TIME_S - 1_000, action: 'stamp' });
  const trust = {
    verifying: box.crypto,
    keys: [{ keyId: box.authority.voucherKeyId, publicKey: box.authority.voucherKey.publicKey }],
    touchpointId: box.touchpointId,
    isTouchpointRevoked: false,
    isTransactionUsed: () => false,
    isNonceOutstanding: () => true,
    serverTimeS: SERVER_TIME_S,
    allows: () => false,
  };
  expect(() => checkVoucher(bytes, trust)).toThrow(new TapsealError('voucher_time_older'));
  expect(() => checkVoucher(bytes, { ...trust, serverTimeS: 0 })).toThrow(
    new TapsealError('voucher_action_forbidden'),
  );
});
