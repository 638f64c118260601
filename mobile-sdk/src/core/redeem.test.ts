import { base64urlToBytes, bytesToBase64url } from '@tapseal/shared/bytes';
import { describe, expect, it } from 'vitest';
import { PhoneWorld } from '../testing/phone-world.js';
import type { OutboxEntry } from './ports.js';
import { redeem } from './redeem.js';
import { Scope } from './scope.js';
import { type RedeemResult, Server } from './server.js';
import { VoucherKeys } from './voucher-keys.js';

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

/** Approves over a genuine server once, then hands `redeem` that answer with one bit flipped, for each bit of it. */
async function redeemEachFlip(
  prepare: (world: PhoneWorld) => void,
  signedOf: (result: RedeemResult) => Uint8Array,
) {
  const world = new PhoneWorld(seed);
  world.addBox('lobby-1');
  prepare(world);
  const client = world.client();
  await world.settle(client.start());
  await world.until('ready');
  let transaction: OutboxEntry | undefined;
  world.outbox.onPut = (entry) => {
    transaction ??= entry;
  };
  await world.settle(client.approve('free-coffee'));
  if (transaction?.kind !== 'transaction') throw new Error('nothing was stored');
  const stored = transaction;
  const { clock, crypto, outbox } = world;
  const server = new Server(world.server, 'demo');
  const voucherKeys = new VoucherKeys(crypto, () => server.fetchJwkSet());
  const request = base64urlToBytes(stored.request, 640) ?? new Uint8Array();
  const genuine = await world.settle(server.redeem(request, stored.id));
  const deps = { clock, crypto, outbox, voucherKeys };
  const accepted = await world.settle(
    redeem({ ...deps, server: { redeem: async () => genuine } }, new Scope(clock), stored, 0),
  );
  expect(accepted.type).toBe(genuine.type);
  const signed = signedOf(genuine);
  const passed: number[] = [];
  for (let bit = 0; bit < signed.length * 8; bit++) {
    const bytes = flip(signed, bit);
    const altered =
      genuine.type === 'grant' ? { ...genuine, voucher: bytes } : { ...genuine, refusal: bytes };
    const attempt = redeem({ ...deps, server: { redeem: async () => altered } }, new Scope(clock), stored, 0);
    await world.settle(attempt).then(
      () => passed.push(bit),
      () => {},
    );
  }
  return { bits: signed.length * 8, passed };
}

describe(`the server's answer (seed ${seed})`, () => {
  it('with any one bit of the voucher flipped is no grant (property 8)', async () => {
    const { bits, passed } = await redeemEachFlip(
      () => {},
      (result) => (result.type === 'grant' ? result.voucher : new Uint8Array()),
    );
    expect(bits).toBeGreaterThan(1_000);
    expect(passed).toEqual([]);
  });

  it('with any one bit of the refusal flipped is no refusal', async () => {
    const { bits, passed } = await redeemEachFlip(
      (world) => {
        world.server.refuseWith = 'limit_reached';
      },
      (result) => (result.type === 'refusal' ? result.refusal : new Uint8Array()),
    );
    expect(bits).toBeGreaterThan(1_000);
    expect(passed).toEqual([]);
  });

  it.each(Array.from({ length: 12 }, (_, i) => i * 97 + 5))(
    'with bit %i flipped never reaches the box, or the screen as a refusal',
    async (bit) => {
      const tamper = (bytes: Uint8Array) => flip(bytes, bit);
      const granted = await approve((world) => {
        world.server.tamper = tamper;
      });
      expect(granted.outcome.type).toBe('failed');
      expect(granted.box.vouchersSeen).toHaveLength(0);
      const refused = await approve((world) => {
        world.server.refuseWith = 'limit_reached';
        world.server.tamper = tamper;
      });
      expect(refused.outcome.type).toBe('failed');
    },
  );

  it.each([
    ['another touchpoint', { touchpointId: new Uint8Array(8) }, 'voucher_wrong_touchpoint'],
    ['another transaction', { transactionId: new Uint8Array(16) }, 'server_answer_invalid'],
    ['another request', { requestHash: new Uint8Array(16) }, 'server_answer_invalid'],
    ['another action', { action: 'open' }, 'server_answer_invalid'],
  ] as const)('genuine, but for %s, is not carried', async (_name, change, code) => {
    const { outcome, box } = await approve((world) => {
      world.server.voucherEdit = (voucher) => ({ ...voucher, ...change });
    });
    expect(outcome).toMatchObject({ type: 'failed', code, granted: false });
    expect(box.vouchersSeen).toHaveLength(0);
  });

  it('may award less than was approved: the events say both, and the voucher is carried', async () => {
    const { world, box, outcome } = await approve((each) => {
      each.server.voucherEdit = (voucher) => ({ ...voucher, amountMinor: 70 });
    });
    const amounts = { amountMinor: 250, awardedMinor: 70 };
    expect(outcome).toMatchObject({ type: 'delivered', ...amounts });
    expect(world.of('granted')).toMatchObject([amounts]);
    expect(box.vouchersSeen).toHaveLength(1);
  });

  it('with a minor unit more than was approved is not carried', async () => {
    const { outcome, box } = await approve((world) => {
      world.server.voucherEdit = (voucher) => ({ ...voucher, amountMinor: 251 });
    });
    expect(outcome).toMatchObject({ type: 'failed', code: 'server_answer_invalid', granted: false });
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
