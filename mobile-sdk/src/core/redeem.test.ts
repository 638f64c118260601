import { bytesToBase64url } from '@tapseal/shared/bytes';
import { describe, expect, it } from 'vitest';
import { PhoneWorld } from '../testing/phone-world.js';

const seed = 41_414;

async function approve(prepare: (world: PhoneWorld) => void) {
  const world = new PhoneWorld(seed);
  const box = world.addBox('lobby-1');
  const client = world.client();
  await world.settle(client.start());
  await world.until('ready');
  prepare(world);
  const outcome = await world.settle(client.approve('free-coffee'));
  await world.settle(client.stop());
  return { world, box, outcome };
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  out[bit >> 3] = (out[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return out;
}

describe(`the server's answer (seed ${seed})`, () => {
  it('with any one bit of the voucher flipped never reaches the box (property 8)', async () => {
    const { world } = await approve(() => {});
    const [granted] = world.of('granted');
    const bits = Math.floor(((granted?.voucher.length ?? 0) * 6) / 8) * 8;
    expect(bits).toBeGreaterThan(1_000);
    for (let bit = 0; bit < bits; bit++) {
      const { outcome, box } = await approve((each) => {
        each.server.tamper = (bytes) => flip(bytes, bit);
      });
      expect(outcome.type, `bit ${bit}`).toBe('failed');
      expect(box.vouchersSeen, `bit ${bit}`).toHaveLength(0);
    }
  });

  it('with any one bit of the refusal flipped is not shown as a refusal', async () => {
    const refused = await approve((world) => {
      world.server.refuseWith = 'limit_reached';
    });
    const length = refused.outcome.type === 'refused' ? refused.outcome.refusal.signed.length : 0;
    const bits = Math.floor((length * 6) / 8) * 8;
    expect(bits).toBeGreaterThan(1_000);
    for (let bit = 0; bit < bits; bit++) {
      const { outcome } = await approve((world) => {
        world.server.refuseWith = 'limit_reached';
        world.server.tamper = (bytes) => flip(bytes, bit);
      });
      expect(outcome.type, `bit ${bit}`).toBe('failed');
    }
  });

  it.each([
    ['another touchpoint', { touchpointId: new Uint8Array(8) }, 'voucher_wrong_touchpoint'],
    ['another transaction', { transactionId: new Uint8Array(16) }, 'server_answer_invalid'],
    ['another request', { requestHash: new Uint8Array(32) }, 'server_answer_invalid'],
    ['another amount', { amountMinor: 5 }, 'server_answer_invalid'],
    ['another action', { action: 'open' }, 'server_answer_invalid'],
  ] as const)('genuine, but for %s, is not carried', async (_name, change, code) => {
    const { outcome, box } = await approve((world) => {
      world.server.voucherEdit = (voucher) => ({ ...voucher, ...change });
    });
    expect(outcome).toMatchObject({ type: 'failed', code, granted: false });
    expect(box.vouchersSeen).toHaveLength(0);
  });

  it('is verified with keys that are fetched again when they have changed', async () => {
    const { world, outcome } = await approve((each) => {
      each.server.rotateVoucherKey();
    });
    expect(outcome.type).toBe('delivered');
    expect(world.server.count('jwks.json')).toBe(2);
  });

  it('carries the voucher unchanged to the box', async () => {
    const { world, box } = await approve(() => {});
    expect(box.vouchersSeen.map(bytesToBase64url)).toEqual([world.of('granted')[0]?.voucher]);
  });
});
