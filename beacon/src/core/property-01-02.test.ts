/** Properties 1 and 2: a voucher serves one box, once. */
import { describe, expect, test } from 'vitest';
import { type BoxBench, enrolledBench } from '../testing/box-bench.js';

async function boxes(): Promise<[BoxBench, BoxBench]> {
  const [a, b] = await Promise.all([enrolledBench({ seed: 11 }), enrolledBench({ seed: 12 })]);
  return [a, b];
}

describe('property 1: a voucher for touchpoint A is refused at B', () => {
  test('of the same authority', async () => {
    const [a, b] = await boxes();
    a.open(1);
    const hello = a.greet(1);
    // B trusts the same voucher key: only the name in the voucher tells them apart.
    b.open(1);
    b.write(
      1,
      'manifest',
      b.authority.manifest({ version: 2, voucherKeys: [a.authority.voucherKey.publicKey.bytes] }),
    );
    expect(b.statuses(1)).toEqual(['manifest_installed']);
    b.write(1, 'voucher', a.authority.voucher(hello));
    expect(b.statuses(1)).toEqual(['voucher_wrong_touchpoint']);
    expect(b.actuations).toEqual([]);
  });
});

describe('property 2: the same voucher twice is one actuation', () => {
  test('one after the other', async () => {
    const box = await enrolledBench();
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    box.write(1, 'voucher', voucher);
    expect(box.receipts(1).map((receipt) => receipt.outcome)).toEqual(['actuated']);
    box.write(1, 'voucher', voucher);
    expect(box.statuses(1)).toEqual(['voucher_used']);
    expect(box.actuations).toHaveLength(1);
  });

  test('at once on two links, while the actuator still moves', async () => {
    const box = await enrolledBench({ actuator: 'manual' });
    box.open(1);
    box.open(2);
    const voucher = box.authority.voucher(box.greet(1));
    box.write(1, 'voucher', voucher);
    box.write(2, 'voucher', voucher);
    expect(box.statuses(2)).toEqual(['voucher_used']);
    box.finish(box.actuations[0]?.transactionId ?? '', true);
    expect(box.receipts(1)).toHaveLength(1);
    expect(box.actuations).toHaveLength(1);
  });

  test('on two links with a hello each, before the first record is durable', async () => {
    const box = await enrolledBench();
    const transactionId = box.crypto.randomBytes(16);
    const [first, second] = [1, 2].map((link) => {
      box.open(link);
      const voucher = box.authority.voucher(box.greet(link), { transactionId });
      return { kind: 'packetReceived', link, packet: Uint8Array.of(0x83, ...voucher) } as const;
    });
    if (first === undefined || second === undefined) throw new Error('two links');
    // Straight into the state machine, so that no write is answered in between.
    const kinds = [first, second].map((input) =>
      box.touchpoint.handle(input, box.nowMs).map((output) => output.kind),
    );
    expect(kinds).toEqual([['persist'], ['report', 'notify']]);
  });

  test('with another transaction id and the same nonce', async () => {
    const box = await enrolledBench();
    box.open(1);
    const hello = box.greet(1);
    box.write(1, 'voucher', box.authority.voucher(hello));
    box.take(1);
    box.write(1, 'voucher', box.authority.voucher(hello));
    expect(box.statuses(1)).toEqual(['voucher_nonce_unknown']);
    expect(box.actuations).toHaveLength(1);
  });
});
