/** Properties 4 to 7: nothing that was is valid again, and no clock is asked. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { enrolledBench } from '../testing/box-bench.js';
import { SERVER_TIME_S } from '../testing/test-authority.js';

afterEach(() => {
  vi.useRealTimers();
});

test('property 4: storage put back to an older copy refuses every earlier voucher', async () => {
  const box = await enrolledBench({ seed: 41 });
  const older = box.disk.copy();
  box.open(1);
  const vouchers = [0, 1, 2].map(() => box.authority.voucher(box.greet(1)));
  // One used, one refused by the link's end, one never carried.
  box.write(1, 'voucher', vouchers[0] ?? new Uint8Array());
  expect(box.receipts(1)).toHaveLength(1);
  box.boot(older);
  box.open(2);
  for (const voucher of vouchers) {
    box.write(2, 'voucher', voucher);
    expect(box.statuses(2)).toEqual(['voucher_nonce_unknown']);
  }
  expect(box.actuations).toHaveLength(1);
});

describe('property 5: a voucher held back past its window is refused', () => {
  test.each([
    [59_999, []],
    [60_000, ['voucher_nonce_unknown']],
    [86_400_000, ['voucher_nonce_unknown']],
  ] as const)('after %i ms', async (waitMs, statuses) => {
    const box = await enrolledBench({ seed: 51 });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    box.advance(waitMs);
    box.open(2);
    box.write(2, 'voucher', voucher);
    expect(box.actuations).toHaveLength(statuses.length === 0 ? 1 : 0);
    expect(box.statuses(2)).toEqual(statuses);
  });

  test('the sixteenth newest nonce is remembered, the seventeenth is not', async () => {
    const box = await enrolledBench({ seed: 52 });
    const vouchers = Array.from({ length: 17 }, (_, link) => {
      box.open(link);
      const voucher = box.authority.voucher(box.greet(link));
      box.close(link);
      return voucher;
    });
    box.open(99);
    box.write(99, 'voucher', vouchers[0] ?? new Uint8Array());
    expect(box.statuses(99)).toEqual(['voucher_nonce_unknown']);
    box.write(99, 'voucher', vouchers[1] ?? new Uint8Array());
    expect(box.receipts(99)).toHaveLength(1);
  });
});

describe('property 6: the clock of the box changes nothing', () => {
  async function run(clock: Date): Promise<string> {
    vi.useFakeTimers({ now: clock, toFake: ['Date'] });
    const box = await enrolledBench({ seed: 61 });
    box.open(1);
    box.write(1, 'voucher', box.authority.voucher(box.greet(1)));
    box.advance(70_000);
    expect(box.actuations).toHaveLength(1);
    // Sealing takes its ephemeral key from the library, so hellos differ; everything else must not.
    const outputs = box.trace.filter(
      (output) => output.kind !== 'notify' || (output.packet[0] ?? 0) !== 0x82,
    );
    return JSON.stringify(outputs, (_key, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    );
  }

  test('set ten years off either way', async () => {
    const now = await run(new Date('2026-06-01T12:00:00Z'));
    expect(await run(new Date('2016-06-01T12:00:00Z'))).toBe(now);
    expect(await run(new Date('2036-06-01T12:00:00Z'))).toBe(now);
  });
});

describe('property 7: older is refused', () => {
  test('a manifest of the same or a lower version', async () => {
    const box = await enrolledBench({ seed: 71 });
    box.open(1);
    box.write(1, 'manifest', box.authority.manifest({ version: 5 }));
    box.write(1, 'manifest', box.authority.manifest({ version: 5 }));
    box.write(1, 'manifest', box.authority.manifest({ version: 4 }));
    expect(box.statuses(1)).toEqual(['manifest_installed', 'manifest_older', 'manifest_older']);
    expect(box.greet(1).manifestVersion).toBe(5);
    box.boot();
    box.open(2);
    expect(box.greet(2).manifestVersion).toBe(5);
  });

  test('a server time behind the newest by more than the slack', async () => {
    const box = await enrolledBench({ seed: 72 });
    box.open(1);
    const tap = (serverTimeS: number): void =>
      box.write(1, 'voucher', box.authority.voucher(box.greet(1), { serverTimeS }));
    tap(SERVER_TIME_S);
    expect(box.receipts(1)).toHaveLength(1);
    tap(SERVER_TIME_S - 181);
    expect(box.statuses(1)).toEqual(['voucher_time_older']);
    tap(SERVER_TIME_S - 180);
    expect(box.receipts(1).length).toBeGreaterThan(0);
    expect(box.store.state.serverTimeS).toBe(SERVER_TIME_S);
  });
});
