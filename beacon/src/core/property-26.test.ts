/** Property 26: MTU 23, 100, 185 and 247 give the same results. */
import { describe, expect, test } from 'vitest';
import { enrolledBench } from '../testing/box-bench.js';

describe('property 26: a whole tap', () => {
  test.each([23, 100, 185, 247])('at MTU %i', async (mtu) => {
    const box = await enrolledBench({ seed: 261 });
    const revoked = Array.from({ length: 40 }, (_, i) => new Uint8Array(8).fill(i + 1));
    box.open(1, mtu);
    const hello = box.greet(1);
    box.write(1, 'manifest', box.authority.manifest({ version: 2, revokedTouchpoints: revoked }));
    expect(box.statuses(1)).toEqual(['manifest_installed']);
    const voucher = box.authority.voucher(hello);
    box.write(1, 'voucher', voucher);
    expect(box.receipts(1)).toMatchObject([{ counter: 1, outcome: 'actuated' }]);
    box.write(1, 'voucher', voucher);
    expect(box.statuses(1)).toEqual(['voucher_used']);
    expect(box.actuations).toHaveLength(1);
    expect(box.packetBytesMax).toBeLessThanOrEqual(mtu - 3);
  });
});
