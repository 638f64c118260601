import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Air } from './air.js';
import type { AirOptions } from './air-options.js';
import { airtimeMs } from './airtime.js';
import { OPCODE, STATUS } from './hci-codes.js';
import { ScriptedHost } from './testing/scripted-host.js';
import { VirtualScheduler } from './virtual-scheduler.js';

/** A link of 30 ms between two hosts one metre apart; loss only begins when it stands. */
function linked(options: AirOptions & { timeout?: number } = {}) {
  const scheduler = new VirtualScheduler();
  const { timeout, lossProbability, ...others } = options;
  const air = new Air(scheduler, { seed: 3, ...others });
  const peripheral = new ScriptedHost(air);
  const central = new ScriptedHost(air, { x: 1 });
  peripheral.advertise(Buffer.alloc(3));
  central.connect(peripheral, timeout === undefined ? {} : { timeout });
  while (peripheral.connections.length === 0) scheduler.runFor(10);
  scheduler.runFor(100);
  air.setLoss(lossProbability ?? 0);
  return { scheduler, air, peripheral, central };
}

/** Messages of the lengths given, each with its number in the first two bytes. */
function messages(lengths: readonly number[]): Buffer[] {
  return lengths.map((length, number) => {
    const message = Buffer.alloc(Math.max(2, length), number & 0xff);
    message.writeUInt16LE(number, 0);
    return message;
  });
}

/** What a host received, put together again at the start flags. */
function whole(host: ScriptedHost): string[] {
  const frames: Buffer[] = [];
  for (const { first, payload } of host.received) {
    const last = frames.at(-1);
    if (first || last === undefined) frames.push(payload);
    else frames[frames.length - 1] = Buffer.concat([last, payload]);
  }
  return frames.map((frame) => frame.toString('hex'));
}

const hex = (buffers: readonly Buffer[]): string[] => buffers.map((buffer) => buffer.toString('hex'));

describe('data', () => {
  it('arrives once and in order in both directions, whatever is lost', () => {
    const lengths = fc.array(fc.integer({ min: 2, max: 251 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.double({ min: 0, max: 0.6, noNaN: true }),
        fc.constantFrom(27, 100, 251),
        lengths,
        lengths,
        (seed, lossProbability, dataLengthMax, down, up) => {
          const { scheduler, central, peripheral } = linked({
            seed,
            lossProbability,
            dataLengthMax,
            timeout: 3200,
          });
          for (const message of messages(down)) central.sendInTurn(message);
          for (const message of messages(up)) peripheral.sendInTurn(message);
          scheduler.runFor(60_000);
          expect(whole(peripheral)).toEqual(hex(messages(down)));
          expect(whole(central)).toEqual(hex(messages(up)));
          expect([central.overflows, peripheral.overflows]).toEqual([0, 0]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('travels in the next event, and the answer to it in the one after', () => {
    const { scheduler, central, peripheral } = linked({ fadingDb: 0 });
    central.sendInTurn(Buffer.from('ping'));
    scheduler.runFor(30);
    const ping = peripheral.received[0]?.timeMs ?? Number.NaN;
    expect(scheduler.now() - ping).toBeGreaterThan(0);
    const anchorMs = ping - airtimeMs(4);
    scheduler.runUntil(ping + 1);
    peripheral.sendInTurn(Buffer.from('pong'));
    scheduler.runFor(60);
    const pong = central.received[0]?.timeMs ?? Number.NaN;
    expect(pong).toBeCloseTo(anchorMs + 30 + airtimeMs(0) + 0.15 + airtimeMs(4), 6);
  });

  it('fills an event only as far as its time goes', () => {
    const { scheduler, air, central, peripheral } = linked({ aclBufferCount: 60 });
    const full = Buffer.alloc(251);
    for (let i = 0; i < 40; i++) central.sendInTurn(full);
    scheduler.runFor(200);
    const times = peripheral.received.map(({ timeMs }) => timeMs);
    expect(times).toHaveLength(40);
    const exchangeMs = airtimeMs(251) + airtimeMs(0) + 2 * 0.15;
    const perEvent = Math.floor(30 / exchangeMs);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(exchangeMs - 1e-6);
    const pauses = gaps.filter((gap) => gap > exchangeMs + 1e-6).length;
    expect(pauses).toBe(Math.ceil(40 / perEvent) - 1);
    expect(air.stations.size).toBe(2);
  });

  it('is dropped with an event when the host ignores the buffers, and the rest still arrives', () => {
    const { scheduler, central, peripheral } = linked({ aclBufferCount: 3 });
    const all = messages([20, 20, 20, 20, 20]);
    for (const message of all) central.sendUnchecked(message);
    expect(central.overflows).toBe(2);
    scheduler.runFor(100);
    expect(whole(peripheral)).toEqual(hex(all.slice(0, 3)));
    central.sendUnchecked(Buffer.from('later'));
    scheduler.runFor(100);
    expect(peripheral.received.at(-1)?.payload.toString()).toBe('later');
    expect(central.overflows).toBe(2);
  });

  it('is dropped when its length is not what it says, or its handle is of no link', () => {
    const { scheduler, air, central, peripheral } = linked();
    const dropped: string[] = [];
    air.observe((event) => event.kind === 'data-dropped' && dropped.push(event.why));
    central.send(Buffer.from([2, central.handle, 0, 9, 0, 1, 2, 3]));
    central.send(Buffer.from([2, 0x99, 0, 3, 0, 1, 2, 3]));
    central.send(Buffer.from([2]));
    central.sendUnchecked(Buffer.alloc(252));
    scheduler.runFor(100);
    expect(dropped).toEqual(['malformed', 'no-such-link', 'malformed', 'malformed']);
    expect(peripheral.received).toEqual([]);
  });
});

describe('the end of a link', () => {
  it.each([
    ['central', 'peripheral'],
    ['peripheral', 'central'],
  ] as const)('asked for by the %s is told to both', (asking, told) => {
    const link = linked({ lossProbability: 0.3 });
    link[asking].disconnect();
    link.scheduler.runFor(1000);
    expect(link[asking].disconnections).toMatchObject([{ reason: STATUS.localHostEnded }]);
    expect(link[told].disconnections).toMatchObject([{ reason: STATUS.remoteUserEnded }]);
  });

  it('comes by the supervision timeout when the other is out of reach, not before and not long after', () => {
    const { scheduler, air, central, peripheral } = linked();
    scheduler.runFor(977);
    air.setPosition(peripheral.controller.address, { x: 2000, y: 0 });
    const goneMs = scheduler.now();
    scheduler.runFor(3000);
    for (const host of [central, peripheral]) {
      expect(host.disconnections).toMatchObject([{ reason: STATUS.connectionTimeout }]);
      const afterMs = (host.disconnections[0]?.timeMs ?? 0) - goneMs;
      expect(afterMs).toBeGreaterThan(420 - 30);
      expect(afterMs).toBeLessThanOrEqual(420 + 30);
    }
  });

  it('does not come while packets still get through', () => {
    const { scheduler, central, peripheral } = linked({ lossProbability: 0.2 });
    scheduler.runFor(120_000);
    expect(central.disconnections).toEqual([]);
    expect(peripheral.disconnections).toEqual([]);
  });

  it('comes by itself where links have a lifetime', () => {
    const { scheduler, central, peripheral } = linked({ linkLifetimeMeanMs: 2000 });
    scheduler.runFor(60_000);
    expect(central.disconnections).toMatchObject([{ reason: STATUS.connectionTimeout }]);
    expect(peripheral.disconnections).toMatchObject([{ reason: STATUS.connectionTimeout }]);
  });

  it('frees the buffers for the next link', () => {
    const { scheduler, air, central, peripheral } = linked({ aclBufferCount: 2 });
    air.setPosition(peripheral.controller.address, { x: 2000, y: 0 });
    for (const message of messages([9, 9])) central.sendUnchecked(message);
    scheduler.runFor(2000);
    air.setPosition(peripheral.controller.address, { x: 0, y: 0 });
    peripheral.advertise(Buffer.alloc(3));
    central.connect(peripheral);
    scheduler.runFor(1000);
    for (const message of messages([9, 9])) central.sendUnchecked(message);
    scheduler.runFor(100);
    expect(central.overflows).toBe(0);
    expect(peripheral.received).toHaveLength(2);
  });
});

describe('the parameters of a link', () => {
  it('are changed for both ends at the agreed event', () => {
    const { scheduler, central, peripheral } = linked({ lossProbability: 0.2 });
    central.command(OPCODE.leConnectionUpdate, central.handle, 0, 80, 0, 80, 0, 0, 0, 100, 0, 0, 0, 0, 0);
    central.command(OPCODE.leConnectionUpdate, central.handle, 0, 40, 0, 40, 0, 0, 0, 100, 0, 0, 0, 0, 0);
    expect(central.answers.at(-1)?.status).toBe(STATUS.commandDisallowed);
    scheduler.runFor(1000);
    expect(central.updates).toMatchObject([{ intervalMs: 100 }]);
    expect(peripheral.updates).toEqual(central.updates);
    peripheral.command(
      OPCODE.leConnectionUpdate,
      peripheral.handle,
      0,
      80,
      0,
      80,
      0,
      0,
      0,
      100,
      0,
      0,
      0,
      0,
      0,
    );
    expect(peripheral.answers.at(-1)?.status).toBe(STATUS.commandDisallowed);
  });

  it('are those of the air where it overrides them', () => {
    const { central } = linked({ connectionIntervalMs: 50 });
    expect(central.connections[0]?.intervalMs).toBe(50);
  });
});

it('keeps the ATT MTU at the smaller of the two phones', () => {
  const { scheduler, central, peripheral } = linked({ attMtuMax: 100 });
  const exchange = (opcode: number, mtu: number): Buffer =>
    Buffer.from([3, 0, 4, 0, opcode, mtu & 0xff, mtu >> 8]);
  central.sendInTurn(exchange(2, 256));
  peripheral.sendInTurn(exchange(3, 64));
  central.sendInTurn(Buffer.from([3, 0, 4, 0, 0x0a, 0, 1]));
  scheduler.runFor(100);
  expect(whole(peripheral)).toEqual(hex([exchange(2, 100), Buffer.from([3, 0, 4, 0, 0x0a, 0, 1])]));
  expect(whole(central)).toEqual(hex([exchange(3, 64)]));
});
