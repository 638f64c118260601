import { RECEIPTS_CARRIED_MAX } from '@tapseal/shared/bounds';
import { describe, expect, it } from 'vitest';
import { PhoneWorld } from '../testing/phone-world.js';

const seed = 5_150;

async function deliveredOffline() {
  const world = new PhoneWorld(seed);
  const box = world.addBox('lobby-1');
  const client = world.client();
  await world.settle(client.start());
  await world.until('ready');
  world.server.problem = { route: 'receipts', code: 'server_busy' };
  box.riders = [box.receiptOf(world.crypto.randomBytes(16), world.crypto.randomBytes(32))];
  await world.settle(client.approve('free-coffee'));
  await world.until('receipts');
  return { world, client };
}

describe(`receipts (seed ${seed})`, () => {
  it('wait in the outbox while the server cannot be reached, and are delivered later', async () => {
    const { world } = await deliveredOffline();
    expect(world.of('receipts')[0]).toMatchObject({ delivered: 0, waiting: 2 });
    expect(world.outbox.of('receipt')).toHaveLength(2);
    world.server.problem = undefined;
    await world.clock.until(() => world.server.receipts.length === 2);
    await world.clock.until(() => world.outbox.entries.size === 0);
  });

  it('are kept in a bounded number where a touchpoint invents them, its own among them', async () => {
    const world = new PhoneWorld(seed);
    const box = world.addBox('lobby-1');
    const client = world.client();
    await world.settle(client.start());
    await world.until('ready');
    box.inventions = Array.from({ length: 25 }, () =>
      box.receiptOf(world.crypto.randomBytes(16), world.crypto.randomBytes(32)),
    );
    world.server.problem = { route: 'receipts', code: 'server_busy' };
    expect(await world.settle(client.approve('free-coffee'))).toMatchObject({ confirmed: true });
    await world.until('receipts');
    expect(world.outbox.of('receipt')).toHaveLength(RECEIPTS_CARRIED_MAX + 1);
  });

  it('are delivered at the start of the app, also those of others', async () => {
    const { world, client } = await deliveredOffline();
    await world.settle(client.stop());
    expect(world.clock.timers).toBe(0);
    world.server.problem = undefined;
    const later = world.client();
    await world.settle(later.start());
    await world.clock.until(() => world.server.receipts.length === 2);
  });

  it('that the server will never have are dropped, and do not hold up the others', async () => {
    const { world } = await deliveredOffline();
    const [bad] = world.outbox.of('receipt');
    world.server.problem = undefined;
    world.server.judgeReceipt = (receipt) =>
      bad?.kind === 'receipt' && receipt === bad.receipt ? 'receipt_unknown' : undefined;
    await world.clock.until(() => world.outbox.entries.size === 0);
    expect(world.server.receipts).toHaveLength(1);
  });

  it('that spoil a batch are found out, and the others arrive', async () => {
    const { world } = await deliveredOffline();
    world.server.problem = undefined;
    world.server.batchesMax = 1;
    await world.clock.until(() => world.outbox.entries.size === 0);
    expect(world.server.receipts).toHaveLength(2);
  });

  it('stay where the server could not judge one of them', async () => {
    const { world } = await deliveredOffline();
    world.server.problem = undefined;
    let judgements = 0;
    world.server.judgeReceipt = () => {
      judgements += 1;
      return judgements === 1 ? 'internal_error' : undefined;
    };
    await world.clock.until(() => world.server.receipts.length === 1);
    await world.clock.pass(1_000);
    expect(world.outbox.of('receipt')).toHaveLength(1);
    await world.clock.until(() => world.outbox.entries.size === 0);
  });
});
