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

  test('on two links, before the first record is durable', async () => {
    const box = await enrolledBench();
    const now = box.nowMs;
    box.touchpoint.handle({ kind: 'linkOpened', link: 1 }, now);
    box.touchpoint.handle({ kind: 'linkOpened', link: 2 }, now);
    for (const link of [1, 2]) {
      box.touchpoint.handle({ kind: 'mtuChanged', link, mtu: 185 }, now);
      box.touchpoint.handle({ kind: 'subscribed', link }, now);
    }
    const packet = (type: number, body: Uint8Array): Uint8Array => Uint8Array.of(0x80 | type, ...body);
    const greeting = box.touchpoint.handle(
      { kind: 'packetReceived', link: 1, packet: packet(1, Uint8Array.of(1, 1, ...new Uint8Array(16))) },
      now,
    );
    const hello = greeting.find((output) => output.kind === 'notify');
    if (hello?.kind !== 'notify') throw new Error('no hello');
    const voucher = packet(3, box.authority.voucher(box.authority.openHello(hello.packet.slice(1))));
    const first = box.touchpoint.handle({ kind: 'packetReceived', link: 1, packet: voucher }, now);
    const second = box.touchpoint.handle({ kind: 'packetReceived', link: 2, packet: voucher }, now);
    expect(first.map((output) => output.kind)).toEqual(['persist']);
    expect(second.some((output) => output.kind === 'persist' || output.kind === 'actuate')).toBe(false);
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
