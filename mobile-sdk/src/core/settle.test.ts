import { describe, expect, it } from 'vitest';
import { PhoneWorld } from '../testing/phone-world.js';

const seed = 9_090;

/** The app dies right after its transaction is durable, or right after the request has left; then it starts again. */
async function crashed(when: 'stored' | 'sent', prepare: (world: PhoneWorld) => void = () => {}) {
  const world = new PhoneWorld(seed);
  const box = world.addBox('lobby-1');
  const first = world.client();
  await world.settle(first.start());
  await world.until('ready');
  prepare(world);
  // A process that is gone hears no answers, and its durable deletes never happen.
  const before = new Map(world.outbox.entries);
  world.outbox.onPut = (entry) => before.set(`${entry.kind}-${entry.id}`, entry);
  first.approve('free-coffee');
  await world.clock.until(() => (when === 'stored' ? before.size > 0 : world.server.decisions.size > 0));
  await world.settle(first.stop());
  world.outbox.onPut = () => {};
  world.outbox.entries.clear();
  for (const [key, entry] of before) world.outbox.entries.set(key, entry);
  box.rssiDbm = -200;
  world.events.length = 0;
  return { world, box, second: world.client() };
}

describe(`after a crash (seed ${seed})`, () => {
  it.each(['stored', 'sent'] as const)(
    'with the transaction %s, the same bytes are sent again and the grant is shown',
    async (when) => {
      const { world, box, second } = await crashed(when);
      await world.settle(second.start());
      const granted = await world.until('granted');
      expect(granted).toMatchObject({ offer: 'free-coffee' });
      expect(granted.voucher.length).toBeGreaterThan(100);
      expect(world.of('failed')).toMatchObject([
        { code: 'timed_out', stage: 'settling', granted: true, transactionId: granted.transactionId },
      ]);
      expect(new Set(world.server.redemptionBodies).size).toBe(1);
      expect(world.server.decisions.size).toBe(1);
      expect(box.actuations).toHaveLength(0);
      expect(world.outbox.entries.size).toBe(0);
    },
  );

  it('a grant in part is shown with what was approved and what was awarded', async () => {
    const { world, second } = await crashed('stored', (each) => {
      each.server.voucherEdit = (voucher) => ({ ...voucher, amountMinor: 70 });
    });
    await world.settle(second.start());
    expect(await world.until('granted')).toMatchObject({ amountMinor: 250, awardedMinor: 70 });
  });

  it('a refusal is shown, verified', async () => {
    const { world, second } = await crashed('sent', (each) => {
      each.server.refuseWith = 'window_closed';
    });
    await world.settle(second.start());
    expect(await world.until('refused')).toMatchObject({ refusal: { code: 'window_closed' } });
    expect(world.outbox.entries.size).toBe(0);
  });

  it('a transaction that the server never saw and will not have is dropped, with the reason', async () => {
    const { world, second } = await crashed('stored');
    world.server.decisions.clear();
    world.server.problem = { route: 'redemptions', code: 'nonce_expired' };
    await world.settle(second.start());
    expect(await world.until('failed')).toMatchObject({ code: 'nonce_expired', granted: false });
    expect(world.outbox.entries.size).toBe(0);
  });

  it('without a network it waits, longer each time, and settles when it is back', async () => {
    const { world, second } = await crashed('sent');
    for (let i = 0; i < 5; i++) world.server.faults.push({ route: 'redemptions', fault: 'request' });
    const callsBefore = world.server.count('redemptions');
    const startMs = world.clock.nowMs();
    await world.settle(second.start());
    await world.until('granted');
    expect(world.server.count('redemptions') - callsBefore).toBe(6);
    // 2 + 4 + 8 + 16 + 32 s.
    expect(world.clock.nowMs() - startMs).toBeGreaterThan(62_000);
    expect(world.server.decisions.size).toBe(1);
  });

  it('does not settle the transaction of a tap that goes on', async () => {
    const { world, box, second } = await crashed('sent');
    world.server.problem = { route: 'redemptions', code: 'server_busy' };
    await world.settle(second.start());
    box.rssiDbm = -50;
    await world.until('ready');
    const approval = second.approve('free-coffee');
    await world.until('approving');
    // Long enough for the background to try the old one again, twice.
    await world.clock.pass(12_000);
    const [old, own] = world.outbox.of('transaction').map((entry) => {
      return world.server.redemptionBodies.filter((body) => 'request' in entry && body === entry.request)
        .length;
    });
    expect(old).toBeGreaterThanOrEqual(4);
    // The tap's own waits of ¼, ½, 1, 2, 4 s, each after a round trip; nobody else's.
    expect(own).toBe(6);
    world.server.problem = undefined;
    expect(await world.settle(approval)).toMatchObject({ type: 'delivered' });
    await world.clock.until(() => world.outbox.entries.size === 0);
  });

  it('a stop in the middle leaves it in the outbox, and no timer', async () => {
    const { world, second } = await crashed('sent');
    world.server.problem = { route: 'redemptions', code: 'server_busy' };
    await world.settle(second.start());
    await world.clock.pass(10_000);
    await world.settle(second.stop());
    expect(world.clock.timers).toBe(0);
    expect(world.outbox.of('transaction')).toHaveLength(1);
  });
});
