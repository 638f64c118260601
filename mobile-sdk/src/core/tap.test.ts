import { bytesToBase64url } from '@tapseal/shared/bytes';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { describe, expect, it } from 'vitest';
import { PhoneWorld } from '../testing/phone-world.js';
import type { DropAt } from '../testing/scripted-box.js';
import type { Route } from '../testing/scripted-server.js';
import type { ClientOptions } from './client.js';

const seed = 20_261_122;

async function startedWorld(options: Partial<ClientOptions> = {}) {
  const world = new PhoneWorld(seed);
  const box = world.addBox('lobby-1');
  const client = world.client(options);
  await world.settle(client.start());
  return { world, box, client };
}

async function readyWorld(options: Partial<ClientOptions> = {}) {
  const started = await startedWorld(options);
  await started.world.until('ready');
  return started;
}

/** Nothing may run on after a tap: no timer of the phone, no link, no scan. */
async function expectNothingLeft({ world, client }: Awaited<ReturnType<typeof startedWorld>>) {
  await world.settle(client.stop());
  expect(world.clock.timers).toBe(0);
  expect(world.linksOpen).toBe(0);
  expect(world.scanning).toBe(false);
}

describe(`a tap (seed ${seed})`, () => {
  it('goes from the sighting to the receipt, and says so in order', async () => {
    const started = await readyWorld();
    const { world, box, client } = started;
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'delivered', confirmed: true, offer: 'free-coffee' });
    await world.until('receipts');
    expect(world.types().filter((type) => type !== 'seen')).toEqual([
      'scanning',
      'connecting',
      'resolved',
      'ready',
      'approving',
      'granted',
      'delivered',
      'receipts',
    ]);
    expect(world.of('ready')[0]?.touchpoint).toMatchObject({ name: 'lobby-1', place: 'Lobby', near: true });
    expect(box.actuations).toEqual([world.of('delivered')[0]?.transactionId]);
    expect(world.server.receipts).toHaveLength(1);
    expect(world.outbox.entries.size).toBe(0);
    expect(world.linksOpen).toBe(0);
    await expectNothingLeft(started);
  });

  it('costs one round trip and one write between the approval and the box', async () => {
    const { world, box, client } = await readyWorld();
    const callsBefore = world.server.calls.length;
    const startMs = world.clock.nowMs();
    client.approve('free-coffee');
    await world.clock.until(() => box.actuations.length === 1);
    expect(world.server.calls.slice(callsBefore)).toEqual(['redemptions']);
    // 60 ms of round trip and 30 ms of radio.
    expect(world.clock.nowMs() - startMs).toBe(90);
    expect(box.connections).toBe(1);
  });

  it('stores the transaction before it is sent', async () => {
    const { world, client } = await readyWorld();
    let sentAtPut = -1;
    world.outbox.onPut = (entry) => {
      if (entry.kind === 'transaction') sentAtPut = world.server.count('redemptions');
    };
    await world.settle(client.approve('free-coffee'));
    expect(sentAtPut).toBe(0);
  });

  it('does not send what it could not store', async () => {
    const { world, box, client } = await readyWorld();
    world.outbox.onPut = () => {
      throw new Error('disk full');
    };
    expect(await world.settle(client.approve('free-coffee'))).toMatchObject({
      type: 'failed',
      code: 'internal_error',
      granted: false,
    });
    expect(world.server.count('redemptions')).toBe(0);
    expect(box.vouchersSeen).toHaveLength(0);
  });

  it('tells how it ended also where the outbox will not let go', async () => {
    const { world, client } = await readyWorld();
    world.outbox.delete = () => Promise.reject(new Error('read-only file system'));
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
  });

  it('approves before the hello is there, and waits for it', async () => {
    const { world, box, client } = await startedWorld();
    await world.until('connecting');
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome.type).toBe('delivered');
    expect(box.actuations).toHaveLength(1);
  });

  it.each([23, 100, 185, 247])('gives the same result at MTU %i (property 26)', async (mtu) => {
    const world = new PhoneWorld(seed);
    const box = world.addBox('lobby-1');
    box.mtu = mtu;
    world.server.manifest = world.crypto.randomBytes(700);
    const client = world.client();
    await world.settle(client.start());
    await world.until('ready');
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
    expect(box.manifestsSeen.map(bytesToBase64url)).toEqual([bytesToBase64url(world.server.manifest)]);
    expect(box.actuations).toHaveLength(1);
  });

  it.each(['manifest_installed', 'manifest_older', 'manifest_signature_invalid'] as const)(
    'carries a manifest before the voucher, and tries the voucher after %s',
    async (status) => {
      const { world, box, client } = await readyWorld();
      world.server.manifest = world.crypto.randomBytes(300);
      box.manifestStatus = status;
      expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
      expect(box.manifestsSeen).toHaveLength(1);
    },
  );

  it('carries the manifest once, also where the voucher needs a second link', async () => {
    const { world, box, client } = await readyWorld();
    world.server.manifest = world.crypto.randomBytes(300);
    box.drops.push('voucher');
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
    expect(box.manifestsSeen).toHaveLength(1);
  });

  it('leaves a link on which the box is deaf, and tries another', async () => {
    const { world, box, client } = await readyWorld();
    world.server.manifest = world.crypto.randomBytes(300);
    box.deaf = 1;
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
    expect(box.connections).toBe(2);
  });

  it('shows the signed refusal: rule, count and reset', async () => {
    const { world, box, client } = await readyWorld();
    world.server.refuseWith = 'limit_reached';
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({
      type: 'refused',
      refusal: {
        code: 'limit_reached',
        rule: 'per shopper, week',
        used: 1,
        maximum: 1,
        resetsAt: '2027-01-15T08:00:00.000Z',
      },
    });
    expect(box.vouchersSeen).toHaveLength(0);
    expect(world.outbox.entries.size).toBe(0);
    await world.clock.until(() => world.linksOpen === 0);
  });

  it('takes duplicates of every notification without acting or ending twice', async () => {
    const { world, box, client } = await startedWorld();
    box.duplicates = true;
    await world.until('ready');
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
    await world.clock.pass(5_000);
    expect(world.of('delivered')).toHaveLength(1);
    expect(world.server.receipts).toHaveLength(1);
  });

  it('delivers the receipts of other phones that ride along', async () => {
    const { world, box, client } = await readyWorld();
    box.riders = [1, 2, 3].map(() =>
      box.receiptOf(world.crypto.randomBytes(16), world.crypto.randomBytes(32)),
    );
    const riders = box.riders.map(bytesToBase64url);
    await world.settle(client.approve('free-coffee'));
    await world.until('receipts');
    expect(world.server.receipts).toHaveLength(4);
    expect(world.server.receipts).toEqual(expect.arrayContaining(riders));
    expect(world.server.count('receipts')).toBe(1);
  });
});

describe(`a link that is lost (seed ${seed})`, () => {
  const moments: readonly DropAt[] = ['connect', 'subscribed', 'challenge', 'hello', 'voucher', 'receipt'];

  it.each(moments)('at %s: the tap goes on over a new link, with one actuation', async (moment) => {
    const started = await startedWorld();
    const { world, box, client } = started;
    box.drops.push(moment);
    await world.until('ready');
    await world.clock.pass(200);
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'delivered', confirmed: true });
    expect(box.actuations).toHaveLength(1);
    await expectNothingLeft(started);
  });

  it('after the box has acted: the box says so, and the receipt is outstanding', async () => {
    const { world, box, client } = await readyWorld();
    box.drops.push('acted');
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'delivered', confirmed: false });
    expect(box.actuations).toHaveLength(1);
    expect(box.vouchersSeen.map(bytesToBase64url)).toHaveLength(2);
    expect(new Set(box.vouchersSeen.map(bytesToBase64url)).size).toBe(1);
  });

  it('before the approval: the hello is kept, and the new link is made during the round trip', async () => {
    const { world, box, client } = await startedWorld();
    box.holdMs = 0;
    await world.until('ready');
    await world.clock.pass(5_000);
    expect(world.linksOpen).toBe(0);
    const startMs = world.clock.nowMs();
    client.approve('free-coffee');
    await world.clock.until(() => box.actuations.length === 1);
    // Connecting (150 ms) hides the round trip (60 ms); then one write.
    expect(world.clock.nowMs() - startMs).toBe(180);
    expect(box.nonces.size).toBe(0);
    expect(world.of('approving')[0]?.transactionId).toBe(box.actuations[0]);
  });

  it('long before the approval: a new hello, for a new transaction', async () => {
    const { world, box, client } = await readyWorld();
    await world.clock.pass(50_000);
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome.type).toBe('delivered');
    expect(box.nonces.size).toBe(1);
    expect(world.of('connecting').length).toBe(2);
  });

  it('by the phone, which does not hold it longer than it was told to', async () => {
    const { world, box } = await readyWorld({ holdMs: 2_000 });
    box.holdMs = 60_000;
    await world.clock.pass(1_900);
    expect(world.linksOpen).toBe(1);
    await world.clock.pass(200);
    expect(world.linksOpen).toBe(0);
  });

  it('for good: the tap fails while the box still remembers its nonce, and says that the voucher is unused', async () => {
    const { world, box, client } = await readyWorld();
    box.drops.push(...Array.from({ length: 1_000 }, (): DropAt => 'connect'));
    await box.link?.close();
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({
      type: 'failed',
      code: 'link_lost',
      granted: true,
      maybeDelivered: false,
    });
    expect(world.clock.nowMs()).toBeLessThan(61_000 + 1_500);
  });

  it('before every hello: the tap gives up', async () => {
    const { world, box } = await startedWorld();
    box.drops.push(...Array.from({ length: 100 }, (): DropAt => 'challenge'));
    const failed = await world.until('failed');
    expect(failed).toMatchObject({ code: 'link_lost', stage: 'connecting', granted: false });
    expect(box.connections).toBe(4);
  });

  it('by silence: a box that never answers is left', async () => {
    const { world, box } = await startedWorld();
    box.silent = true;
    expect(await world.until('failed')).toMatchObject({ code: 'link_lost' });
    await world.clock.until(() => world.linksOpen === 0);
  });
});

describe(`a network that is lost (seed ${seed})`, () => {
  const routes: readonly Route[] = ['nonces', 'resolve', 'redemptions', 'receipts', 'jwks.json'];

  it.each(routes.flatMap((route) => [[route, 'request'] as const, [route, 'answer'] as const]))(
    'at %s (%s): the tap goes on when it is back, with one decision',
    async (route, fault) => {
      const started = await startedWorld();
      const { world, box, client } = started;
      world.server.faults.push({ route, fault }, { route, fault });
      await world.until('ready');
      const outcome = await world.settle(client.approve('free-coffee'));
      expect(outcome.type).toBe('delivered');
      await world.clock.until(() => world.server.receipts.length > 0);
      expect(world.server.decisions.size).toBe(1);
      expect(new Set(world.server.redemptionBodies).size).toBe(1);
      expect(box.actuations).toHaveLength(1);
      await expectNothingLeft(started);
    },
  );

  it('during the approval and for long: fails with the truth, and settles the transaction later', async () => {
    const { world, box, client } = await readyWorld();
    for (let i = 0; i < 40; i++) world.server.faults.push({ route: 'redemptions', fault: 'request' });
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'failed', code: 'network_unavailable', granted: false });
    expect(world.outbox.of('transaction')).toHaveLength(1);
    world.server.faults.length = 0;
    const granted = await world.until('granted');
    expect(granted.touchpoint).toBeUndefined();
    expect(world.of('failed').at(-1)).toMatchObject({ code: 'timed_out', stage: 'settling', granted: true });
    expect(world.outbox.entries.size).toBe(0);
    expect(box.vouchersSeen).toHaveLength(0);
  });

  it.each(['server_busy', 'rate_limited', 'internal_error'] as const)(
    'for the answer %s the same bytes are sent again',
    async (code) => {
      const { world, client } = await readyWorld();
      world.server.problem = { route: 'redemptions', code };
      const approval = client.approve('free-coffee');
      await world.clock.until(() => world.server.count('redemptions') === 2);
      world.server.problem = undefined;
      expect((await world.settle(approval)).type).toBe('delivered');
    },
  );

  it.each(['phone_revoked', 'nonce_expired', 'box_nonce_used', 'offer_amount_mismatch'] as const)(
    'is not blamed for %s: the tap fails at once and nothing is left to settle',
    async (code) => {
      const { world, client } = await readyWorld();
      world.server.problem = { route: 'redemptions', code };
      const outcome = await world.settle(client.approve('free-coffee'));
      expect(outcome).toMatchObject({ type: 'failed', code, granted: false, maybeDelivered: false });
      expect(world.server.count('redemptions')).toBe(1);
      expect(world.outbox.entries.size).toBe(0);
    },
  );
});

describe(`what the box says (seed ${seed})`, () => {
  it.each(['touchpoint_revoked', 'version_unsupported', 'internal_error'] satisfies ErrorCode[])(
    '%s instead of a hello ends the tap',
    async (code) => {
      const { world, box } = await startedWorld();
      box.nextStatus = code;
      expect(await world.until('failed')).toMatchObject({ code, granted: false });
    },
  );

  it.each([
    'voucher_signature_invalid',
    'voucher_nonce_unknown',
    'voucher_used',
    'voucher_action_forbidden',
    'storage_failed',
  ] satisfies ErrorCode[])('%s instead of a receipt is the end of the tap', async (code) => {
    const { world, box, client } = await readyWorld();
    box.nextStatus = code;
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'failed', code, granted: true, maybeDelivered: true });
    expect(world.outbox.of('transaction')).toHaveLength(0);
  });

  it('link_dropped is a lost link and not the end', async () => {
    const { world, box, client } = await readyWorld();
    box.nextStatus = 'link_dropped';
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
  });

  it.each(['failed', 'interrupted'] as const)('a receipt of outcome %s is told and kept', async (outcome) => {
    const { world, box, client } = await readyWorld();
    box.outcome = outcome;
    expect(await world.settle(client.approve('free-coffee'))).toMatchObject({
      type: 'failed',
      code: 'actuation_failed',
      granted: true,
    });
    await world.until('receipts');
    expect(world.server.receipts).toHaveLength(1);
  });
});

describe(`cancel (seed ${seed})`, () => {
  const stages: [string, (started: Awaited<ReturnType<typeof startedWorld>>) => Promise<unknown>][] = [
    ['while connecting', ({ world }) => world.until('connecting')],
    ['during the challenge', ({ world, box }) => world.clock.until(() => box.link !== undefined)],
    ['when ready', ({ world }) => world.until('ready')],
    [
      'before the transaction is stored',
      async ({ world, client }) => {
        await world.until('ready');
        client.approve('free-coffee');
        await world.until('approving');
      },
    ],
    [
      'during the round trip',
      async ({ world, client }) => {
        await world.until('ready');
        client.approve('free-coffee');
        await world.clock.until(() => world.server.count('redemptions') === 1);
      },
    ],
    [
      'with the voucher on its way',
      async ({ world, client }) => {
        await world.until('ready');
        client.approve('free-coffee');
        await world.until('granted');
      },
    ],
  ];

  it.each(stages)('%s ends the tap and leaves nothing running', async (_name, reach) => {
    const started = await startedWorld();
    const { world, client } = started;
    await reach(started);
    client.cancel();
    const failed = world.of('failed')[0] ?? (await world.until('failed'));
    expect(failed).toMatchObject({ code: 'cancelled' });
    await world.clock.until(() => world.linksOpen === 0);
    await expectNothingLeft(started);
  });

  it('before anything was sent leaves nothing that could be sent later', async () => {
    const { world, client } = await readyWorld();
    world.outbox.onPut = () => client.cancel();
    await world.settle(client.approve('free-coffee'));
    await world.clock.pass(120_000);
    expect(world.server.count('redemptions')).toBe(0);
    expect(world.outbox.entries.size).toBe(0);
  });

  it('during the round trip learns later what the server decided', async () => {
    const { world, client } = await readyWorld();
    client.approve('free-coffee');
    await world.clock.until(() => world.server.count('redemptions') === 1);
    client.cancel();
    expect(await world.until('granted')).toMatchObject({ offer: 'free-coffee' });
    expect(new Set(world.server.redemptionBodies).size).toBe(1);
    expect(world.outbox.entries.size).toBe(0);
  });
});
