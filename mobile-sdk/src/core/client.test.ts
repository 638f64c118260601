import { TapsealError } from '@tapseal/shared/tapseal-error';
import { describe, expect, it } from 'vitest';
import { PhoneWorld } from '../testing/phone-world.js';
import type { ClientOptions } from './client.js';

const seed = 77_001;

describe(`two touchpoints in sight (seed ${seed})`, () => {
  async function twoBoxes(rssi: [number, number], options = {}) {
    const world = new PhoneWorld(seed);
    const a = world.addBox('gate-1');
    const b = world.addBox('gate-2');
    [a.rssiDbm, b.rssiDbm] = rssi;
    const client = world.client(options);
    await world.settle(client.start());
    return { world, a, b, client };
  }

  it('connects to the closer one only, and resolves both', async () => {
    const { world, a, b } = await twoBoxes([-70, -45]);
    expect((await world.until('ready')).touchpoint.name).toBe('gate-2');
    await world.clock.pass(3_000);
    expect(new Set(world.of('resolved').map((event) => event.touchpoint.name))).toEqual(
      new Set(['gate-1', 'gate-2']),
    );
    expect(a.link).toBeUndefined();
    expect(b.link).toBeDefined();
    expect(world.linksOpen).toBe(1);
  });

  it('turns to the one the app selects, and stays there', async () => {
    const { world, a, client } = await twoBoxes([-70, -45]);
    await world.until('ready');
    expect(client.select('gate-1')).toBe(true);
    expect((await world.until('ready')).touchpoint.name).toBe('gate-1');
    await world.clock.pass(3_000);
    expect(client.present()).toEqual({ stage: 'ready', deviceId: 'gate-1' });
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'delivered', touchpoint: { name: 'gate-1' } });
    expect(a.actuations).toHaveLength(1);
    expect(world.of('failed')).toHaveLength(0);
  });

  it('turns to one that has come much closer, but never after the approval', async () => {
    const { world, a, b, client } = await twoBoxes([-60, -75]);
    expect((await world.until('ready')).touchpoint.name).toBe('gate-1');
    b.rssiDbm = -40;
    expect((await world.until('ready')).touchpoint.name).toBe('gate-2');
    a.rssiDbm = -20;
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'delivered', touchpoint: { name: 'gate-2' } });
  });

  it('serves a further approval where the last one was, not at the next in line', async () => {
    const { world, a, b, client } = await twoBoxes([-45, -50]);
    await world.until('ready');
    await world.settle(client.approve('free-coffee'));
    // The tap is over, and still takes in receipts.
    expect(client.present()).toBeUndefined();
    const outcome = await world.settle(client.approve('free-coffee'));
    expect(outcome).toMatchObject({ type: 'delivered', touchpoint: { name: 'gate-1' } });
    expect([a.actuations.length, b.actuations.length]).toEqual([2, 0]);
  });

  it('waits for the app where it is told to', async () => {
    const { world, client } = await twoBoxes([-50, -50], { autoConnect: false });
    await world.clock.pass(3_000);
    expect(world.of('connecting')).toHaveLength(0);
    client.select('gate-1');
    expect((await world.until('ready')).touchpoint.name).toBe('gate-1');
  });
});

describe(`the signal floor (property 22, seed ${seed})`, () => {
  it('shows a weaker touchpoint and neither connects to it nor asks what it is', async () => {
    const world = new PhoneWorld(seed);
    const box = world.addBox('far');
    box.rssiDbm = -71;
    const client = world.client({ rssiFloorDbm: -70 });
    await world.settle(client.start());
    await world.clock.pass(3_000);
    expect(world.of('seen')[0]?.touchpoint).toMatchObject({ near: false, rssiDbm: -71 });
    expect(box.connections).toBe(0);
    expect(world.server.count('resolve')).toBe(0);
    box.rssiDbm = -70;
    await world.until('ready');
  });
});

describe(`resolving (seed ${seed})`, () => {
  it.each<[string, { hideAdverts?: boolean; advertsUnknown?: boolean }, Partial<ClientOptions>]>([
    ['adverts are hidden', { hideAdverts: true }, {}],
    ['the option says so', {}, { resolveByHello: true }],
    ['the server does not know the advert', { advertsUnknown: true }, {}],
  ])('goes by hello where %s', async (_name, air, options) => {
    const world = new PhoneWorld(seed);
    world.hideAdverts = air.hideAdverts ?? false;
    world.server.advertsUnknown = air.advertsUnknown ?? false;
    const box = world.addBox('lobby-1');
    const client = world.client(options);
    await world.settle(client.start());
    expect((await world.until('ready')).touchpoint.name).toBe('lobby-1');
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
    expect(box.actuations).toHaveLength(1);
  });

  it('asks once for an advert that stays, and again after a minute', async () => {
    const world = new PhoneWorld(seed);
    world.addBox('lobby-1');
    const client = world.client({ autoConnect: false });
    await world.settle(client.start());
    await world.clock.pass(50_000);
    expect(world.server.count('resolve')).toBe(1);
    await world.clock.pass(20_000);
    expect(world.server.count('resolve')).toBe(2);
  });

  it('does not hammer a server that refuses to answer', async () => {
    const world = new PhoneWorld(seed);
    world.server.problem = { route: 'resolve', code: 'programme_unknown' };
    world.addBox('lobby-1');
    const client = world.client({ autoConnect: false });
    await world.settle(client.start());
    await world.clock.pass(10_000);
    expect(world.server.count('resolve')).toBeLessThanOrEqual(3);
  });
});

describe(`a client (seed ${seed})`, () => {
  it('registers once, and remembers it after a restart', async () => {
    const world = new PhoneWorld(seed);
    const first = await world.settle(world.client().register());
    const second = await world.settle(world.client().register());
    expect(second.phoneIdHex).toBe(first.phoneIdHex);
    expect(world.server.count('phones')).toBe(1);
  });

  it('serves a touchpoint again only when it is selected, approved, or was away', async () => {
    const world = new PhoneWorld(seed);
    const box = world.addBox('lobby-1');
    const client = world.client();
    await world.settle(client.start());
    await world.until('ready');
    await world.settle(client.approve('free-coffee'));
    await world.clock.pass(5_000);
    expect(box.connections).toBe(1);

    client.select('lobby-1');
    await world.until('ready');
    await world.settle(client.approve('free-coffee'));
    expect((await world.settle(client.approve('free-coffee'))).type).toBe('delivered');
    expect(box.actuations).toHaveLength(3);

    await world.clock.pass(2_000);
    box.rssiDbm = -200;
    await world.until('lost');
    box.rssiDbm = -50;
    await world.until('ready');
  });

  it('can be told from within an event to go on', async () => {
    const world = new PhoneWorld(seed);
    const box = world.addBox('lobby-1');
    const client = world.client();
    client.subscribe((event) => {
      if (event.type === 'ready') client.approve('free-coffee');
      if (event.type === 'delivered' && box.actuations.length < 3)
        client.select(event.touchpoint?.deviceId ?? '');
    });
    await world.settle(client.start());
    await world.clock.until(() => box.actuations.length === 3);
  });

  it('says why there is nothing to scan with, and leaves nothing running', async () => {
    const world = new PhoneWorld(seed);
    world.scanError = new TapsealError('adapter_down');
    const client = world.client();
    await expect(world.settle(client.start())).rejects.toMatchObject({ code: 'adapter_down' });
    expect(world.clock.timers).toBe(0);
  });

  it('fails an approval without a touchpoint, and one of an offer that is not there', async () => {
    const world = new PhoneWorld(seed);
    const client = world.client();
    await world.settle(client.start());
    expect(await world.settle(client.approve('free-coffee'))).toMatchObject({ code: 'link_lost' });
    world.addBox('lobby-1');
    await world.until('ready');
    expect(await world.settle(client.approve('gold'))).toMatchObject({ code: 'offer_unknown' });
    expect(world.server.count('redemptions')).toBe(0);
  });

  it('leaves nothing running where starts and stops overlap', async () => {
    const world = new PhoneWorld(seed);
    world.addBox('lobby-1');
    const client = world.client();
    await world.settle(Promise.all([client.start(), client.stop()]));
    expect([world.scanning, world.clock.timers]).toEqual([false, 0]);
    await world.settle(Promise.all([client.start(), client.start()]));
    await world.settle(client.stop());
    expect([world.scanning, world.clock.timers]).toEqual([false, 0]);
    await world.settle(client.start());
    client.stop();
    await world.settle(client.start());
    await world.until('ready');
    await world.settle(client.approve('free-coffee'));
    // The loop that hands in receipts runs again as well.
    await world.clock.until(() => world.server.receipts.length === 1);
  });

  it('starts again after a stop', async () => {
    const world = new PhoneWorld(seed);
    const box = world.addBox('lobby-1');
    const client = world.client();
    for (let round = 1; round <= 3; round++) {
      await world.settle(client.start());
      await world.until('ready');
      await world.settle(client.approve('free-coffee'));
      await world.settle(client.stop());
      expect(world.clock.timers).toBe(0);
      expect(box.actuations).toHaveLength(round);
    }
  });
});
