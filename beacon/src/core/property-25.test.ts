/** Property 25: a phone that does nothing, writes slowly, or holds on is dropped in time, and the next one is served. */
import { encodeFrames } from '@tapseal/shared/frame';
import { describe, expect, test } from 'vitest';
import { type BoxBench, enrolledBench } from '../testing/box-bench.js';

function servesTheNext(box: BoxBench): void {
  box.open(900);
  box.write(900, 'voucher', box.authority.voucher(box.greet(900)));
  expect(box.receipts(900).length).toBeGreaterThan(0);
}

describe('property 25', () => {
  test('silent: dropped after 5 s', async () => {
    const box = await enrolledBench({ seed: 251 });
    box.open(1);
    box.advance(4_999);
    expect(box.dropped).toEqual([]);
    box.advance(1);
    expect(box.dropped).toEqual([1]);
    expect(box.statuses(1)).toEqual(['link_dropped']);
    expect(box.dropReasons()).toEqual(['silent']);
    servesTheNext(box);
  });

  test('garbage does not buy time', async () => {
    const box = await enrolledBench({ seed: 252 });
    box.open(1);
    for (let i = 0; i < 60 && box.dropped.length === 0; i++) {
      box.packet(1, Uint8Array.of(0));
      box.advance(900);
    }
    // Five seconds, and for at most four answers one second each to be delivered.
    expect(box.nowMs - 1_000_000).toBeLessThanOrEqual(9_900);
    expect(box.dropped).toEqual([1]);
    servesTheNext(box);
  });

  test('no byte for 5 s inside a message', async () => {
    const box = await enrolledBench({ seed: 253 });
    box.open(1, 23);
    const [first] = encodeFrames({ type: 'manifest', body: new Uint8Array(500) }, 23);
    box.packet(1, first ?? new Uint8Array());
    box.advance(4_999);
    expect(box.dropped).toEqual([]);
    box.advance(1);
    expect(box.dropReasons()).toEqual(['slow']);
    servesTheNext(box);
  });

  test('a message that drips on is cut off after 15 s', async () => {
    const box = await enrolledBench({ seed: 254 });
    box.open(1, 23);
    for (const packet of encodeFrames({ type: 'manifest', body: new Uint8Array(8_000) }, 23)) {
      if (box.dropped.length > 0) break;
      box.packet(1, packet);
      box.advance(4_000);
    }
    expect(box.nowMs - 1_000_000).toBeLessThanOrEqual(16_000);
    expect(box.dropReasons()).toEqual(['slow']);
    servesTheNext(box);
  });

  test.each([
    [15_000, 15_000],
    [3_000, 3_000],
    [0, 1_000],
  ])('hold time %i: dropped %i ms after the first hello, also with more hellos', async (holdMs, endMs) => {
    const box = await enrolledBench({ seed: 255, holdMs });
    box.open(1);
    box.greet(1);
    box.advance(endMs / 2 - 1);
    if (holdMs > 0) box.greet(1);
    box.advance(endMs / 2);
    expect(box.dropped).toEqual([]);
    box.advance(1);
    expect(box.dropReasons()).toEqual(['held']);
    servesTheNext(box);
  });

  test('a fourth hello drops the link', async () => {
    const box = await enrolledBench({ seed: 256 });
    box.open(1);
    for (let i = 0; i < 3; i++) box.greet(1);
    box.write(1, 'challenge', Uint8Array.of(1, 1, ...new Uint8Array(16)));
    expect(box.statuses(1)).toEqual(['link_dropped']);
    expect(box.dropReasons()).toEqual(['too many hellos']);
    servesTheNext(box);
  });

  test('a phone that stays after its receipt is dropped after 5 s', async () => {
    const box = await enrolledBench({ seed: 257 });
    box.open(1);
    box.write(1, 'voucher', box.authority.voucher(box.greet(1)));
    box.advance(5_000);
    expect(box.dropReasons()).toEqual(['held']);
  });

  test('a phone that waits for a slow actuator is not', async () => {
    const box = await enrolledBench({ seed: 258, actuator: 'manual' });
    box.open(1);
    box.write(1, 'voucher', box.authority.voucher(box.greet(1)));
    box.advance(30_000);
    expect(box.dropped).toEqual([]);
    box.finish(box.actuations[0]?.transactionId ?? '', true);
    expect(box.receipts(1)).toHaveLength(1);
  });

  test('a radio that does not drop is told again', async () => {
    const box = await enrolledBench({ seed: 259 });
    box.closesDropped = false;
    box.open(1);
    box.advance(9_000);
    expect(box.dropped).toEqual([1, 1, 1]);
    expect(box.dropReasons()).toEqual(['silent']);
    // And nothing that it still brings is looked at.
    box.take(1);
    box.write(1, 'challenge', Uint8Array.of(1, 1, ...new Uint8Array(16)));
    expect(box.take(1)).toEqual([]);
  });

  test('a late timer does not help: the packet after the deadline is not served', async () => {
    const box = await enrolledBench({ seed: 260 });
    box.open(1);
    box.nowMs += 5_000;
    box.write(1, 'challenge', Uint8Array.of(1, 1, ...new Uint8Array(16)));
    expect(box.statuses(1)).toEqual(['link_dropped']);
  });
});
