import { describe, expect, it } from 'vitest';
import { Air } from './air.js';
import type { AirOptions } from './air-options.js';
import { OPCODE, STATUS } from './hci-codes.js';
import { ScriptedHost } from './testing/scripted-host.js';
import { VirtualScheduler } from './virtual-scheduler.js';

const ADVERT = Buffer.alloc(31, 0xa1);
const SCAN_RESPONSE = Buffer.alloc(31, 0xb2);

function newAir(options: AirOptions = {}) {
  const scheduler = new VirtualScheduler();
  const air = new Air(scheduler, { seed: 5, ...options });
  return { scheduler, air };
}

describe('the bytes of HCI', () => {
  it('reports an advert, its scan response, and the address least significant byte first', () => {
    const { scheduler, air } = newAir({ fadingDb: 0 });
    const raw: string[] = [];
    const advertiser = new ScriptedHost(air, { address: 'c0:01:02:03:04:05' });
    const scanner = air.join({
      position: { x: 1, y: 0 },
      toHost: (packet) => raw.push(packet.toString('hex')),
    });
    scanner.receiveFromHost(Buffer.from('010b200701120012000000', 'hex'));
    scanner.receiveFromHost(Buffer.from('010c20020101', 'hex'));
    advertiser.advertise(Buffer.from('020106', 'hex'), Buffer.from('0309aabb', 'hex'));
    scheduler.runFor(500);
    expect(raw).toEqual([
      '040e04010b2000',
      '040e04010c2000',
      // LE meta, report, one, ADV_IND, public, address, length, data, -59 dBm
      '043e0f' + '0201' + '0000' + '0504030201c0' + '03020106' + 'c5',
      '043e10' + '0201' + '0400' + '0504030201c0' + '040309aabb' + 'c5',
    ]);
  });

  it('answers unknown commands with status 1 and says how many there were', () => {
    const { air } = newAir();
    const host = new ScriptedHost(air);
    const refused: unknown[] = [];
    air.observe((event) => event.kind === 'command-refused' && refused.push([event.opcode, event.count]));
    host.command(0x2041, 1, 2, 3);
    host.command(0xfc01);
    expect(host.answers.slice(1)).toEqual([
      { opcode: 0x2041, status: 1, result: '' },
      { opcode: 0xfc01, status: 1, result: '' },
    ]);
    expect(refused).toEqual([
      [0x2041, 1],
      [0xfc01, 2],
    ]);
  });

  it('refuses commands of a wrong length or with values out of range, and changes nothing', () => {
    const { air } = newAir();
    const host = new ScriptedHost(air);
    host.command(OPCODE.leSetAdvertiseEnable);
    host.command(OPCODE.leSetAdvertisingData, 32, ...Buffer.alloc(31, 0xee));
    host.command(OPCODE.leSetScanParameters, 1, 18, 0, 19, 0, 0, 0);
    host.command(OPCODE.disconnect, 0x40, 0, 0x13);
    host.send(Buffer.from([2]));
    host.send(Buffer.from([1, 3]));
    expect(host.answers.slice(1).map(({ status }) => status)).toEqual([0x12, 0x12, 0x12, 0x02]);
    expect(host.controller.advertiser.enabled).toBe(false);
    expect(host.controller.advertiser.data).toHaveLength(0);
  });
});

describe('advertising and scanning', () => {
  it('carries 31 and 31 bytes', () => {
    const { scheduler, air } = newAir();
    const advertiser = new ScriptedHost(air);
    const scanner = new ScriptedHost(air, { x: 1 });
    advertiser.advertise(ADVERT, SCAN_RESPONSE);
    scanner.scan({ filterDuplicates: true });
    scheduler.runFor(1000);
    expect(scanner.adverts.map(({ type, data }) => [type, data])).toEqual([
      [0, ADVERT.toString('hex')],
      [4, SCAN_RESPONSE.toString('hex')],
    ]);
  });

  it('repeats every interval plus 0 to 10 ms', () => {
    const { scheduler, air } = newAir();
    const times: number[] = [];
    air.observe((event) => event.kind === 'pdu' && times.push(event.timeMs));
    new ScriptedHost(air).advertise(ADVERT);
    scheduler.runFor(10_000);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    expect(gaps.length).toBeGreaterThan(90);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(110);
    expect(new Set(gaps.map(Math.floor)).size).toBeGreaterThan(5);
  });

  it('is heard nearly every time by who listens all the time, and half as often by who listens half the time', () => {
    const { scheduler, air } = newAir();
    const advertiser = new ScriptedHost(air);
    const always = new ScriptedHost(air, { x: 1 });
    const halfTime = new ScriptedHost(air, { x: 1 });
    always.scan({ active: false });
    halfTime.command(OPCODE.leSetScanParameters, 0, 0x60, 0, 0x30, 0, 0, 0);
    halfTime.command(OPCODE.leSetScanEnable, 1, 0);
    advertiser.advertise(ADVERT);
    scheduler.runFor(100_000);
    const events = 100_000 / 105;
    const heard = (host: ScriptedHost): number => host.adverts.length / events;
    expect(heard(always)).toBeGreaterThan(0.9);
    expect(heard(halfTime)).toBeGreaterThan(0.45);
    expect(heard(halfTime)).toBeLessThan(0.55);
  });

  it('answers only active scanners with the scan response', () => {
    const { scheduler, air } = newAir();
    const advertiser = new ScriptedHost(air);
    const passive = new ScriptedHost(air, { x: 1 });
    passive.scan({ active: false });
    advertiser.advertise(ADVERT, SCAN_RESPONSE);
    scheduler.runFor(1000);
    expect(new Set(passive.adverts.map(({ type }) => type))).toEqual(new Set([0]));
  });

  it.each([
    [false, STATUS.success],
    [true, STATUS.commandDisallowed],
  ])(
    'takes new data while it is on, refusing repeated advertising: %s',
    (refusesRepeatedAdvertising, status) => {
      const { scheduler, air } = newAir({ refusesRepeatedAdvertising });
      const advertiser = new ScriptedHost(air);
      const scanner = new ScriptedHost(air, { x: 1 });
      scanner.scan();
      advertiser.advertise(ADVERT, SCAN_RESPONSE);
      expect(advertiser.answers.at(-1)?.status).toBe(STATUS.success);
      scheduler.runFor(300);
      const before = scanner.adverts.length;
      advertiser.command(OPCODE.leSetScanResponseData, 31, ...Buffer.alloc(31, 0xc3));
      advertiser.command(OPCODE.leSetAdvertiseEnable, 1);
      expect(advertiser.answers.at(-1)?.status).toBe(status);
      scheduler.runFor(1000);
      const responses = scanner.adverts.slice(before).filter(({ type }) => type === 4);
      expect(new Set(responses.map(({ data }) => data))).toEqual(new Set(['c3'.repeat(31)]));
    },
  );

  it('stops when it is told to', () => {
    const { scheduler, air } = newAir();
    const advertiser = new ScriptedHost(air);
    const scanner = new ScriptedHost(air, { x: 1 });
    scanner.scan();
    advertiser.advertise(ADVERT);
    scheduler.runFor(300);
    advertiser.command(OPCODE.leSetAdvertiseEnable, 0);
    const heard = scanner.adverts.length;
    scheduler.runFor(1000);
    expect(heard).toBeGreaterThan(0);
    expect(scanner.adverts).toHaveLength(heard);
  });

  it('is weaker from farther away, and not heard from very far', () => {
    const { scheduler, air } = newAir();
    const advertiser = new ScriptedHost(air);
    const scanners = [1, 4, 16, 500].map((x) => new ScriptedHost(air, { x }));
    for (const scanner of scanners) scanner.scan();
    advertiser.advertise(ADVERT);
    scheduler.runFor(5000);
    const means = scanners.map(
      ({ adverts }) => adverts.reduce((sum, { rssiDbm }) => sum + rssiDbm, 0) / adverts.length,
    );
    expect(means[0]).toBeCloseTo(-59, -1);
    expect(means[1]).toBeLessThan((means[0] ?? 0) - 10);
    expect(means[2]).toBeLessThan((means[1] ?? 0) - 10);
    expect(scanners[3]?.adverts).toEqual([]);
  });
});

describe('connecting', () => {
  function pair() {
    const { scheduler, air } = newAir();
    const peripheral = new ScriptedHost(air);
    const central = new ScriptedHost(air, { x: 1 });
    peripheral.advertise(ADVERT);
    return { scheduler, air, peripheral, central };
  }

  it('tells both ends their role and the interval, and ends the advertising', () => {
    const { scheduler, peripheral, central } = pair();
    central.connect(peripheral, { interval: 16 });
    scheduler.runFor(2000);
    expect(central.connections).toMatchObject([{ status: 0, role: 0, intervalMs: 20 }]);
    expect(peripheral.connections).toMatchObject([{ status: 0, role: 1, intervalMs: 20 }]);
    expect(peripheral.controller.advertiser.enabled).toBe(false);
    peripheral.command(OPCODE.leSetAdvertiseEnable, 1);
    expect(peripheral.answers.at(-1)?.status).toBe(STATUS.connectionLimitExceeded);
  });

  it('lets a second central wait until the peripheral is free and advertises again', () => {
    const { scheduler, air, peripheral, central } = pair();
    const second = new ScriptedHost(air, { x: 2 });
    central.connect(peripheral);
    scheduler.runFor(1000);
    second.connect(peripheral);
    scheduler.runFor(2000);
    expect(second.connections).toEqual([]);
    central.disconnect();
    scheduler.runFor(200);
    expect(central.disconnections).toMatchObject([{ reason: STATUS.localHostEnded }]);
    expect(peripheral.disconnections).toMatchObject([{ reason: STATUS.remoteUserEnded }]);
    peripheral.command(OPCODE.leSetAdvertiseEnable, 1);
    scheduler.runFor(1000);
    expect(second.connections).toMatchObject([{ status: 0 }]);
    expect(peripheral.connections).toHaveLength(2);
  });

  it('cancels on request, with the connection event that the host waits for', () => {
    const { scheduler, air, central } = pair();
    const silent = new ScriptedHost(air);
    central.connect(silent);
    central.connect(silent);
    expect(central.answers.at(-1)).toMatchObject({ status: STATUS.commandDisallowed });
    scheduler.runFor(500);
    central.command(OPCODE.leCreateConnectionCancel);
    expect(central.connections).toMatchObject([{ status: STATUS.unknownConnection }]);
    central.command(OPCODE.leCreateConnectionCancel);
    expect(central.answers.at(-1)).toMatchObject({ status: STATUS.commandDisallowed });
  });

  it('leaves all but one of those who ask at once with a link that fails to be established', () => {
    const { scheduler, air, peripheral, central } = pair();
    const second = new ScriptedHost(air, { x: 1 });
    central.connect(peripheral);
    second.connect(peripheral);
    scheduler.runFor(2000);
    const losers = [central, second].filter(({ disconnections }) => disconnections.length > 0);
    expect(losers).toHaveLength(1);
    expect(losers[0]?.disconnections).toMatchObject([{ reason: STATUS.failedToEstablish }]);
    const lostMs = (losers[0]?.disconnections[0]?.timeMs ?? 0) - (losers[0]?.connections[0]?.timeMs ?? 0);
    expect(lostMs).toBeGreaterThanOrEqual(6 * 30);
    expect(lostMs).toBeLessThan(7 * 30);
    expect(peripheral.connections).toHaveLength(1);
    expect(peripheral.disconnections).toEqual([]);
  });

  it('forgets a link on reset, and the peer finds out by its supervision timeout', () => {
    const { scheduler, peripheral, central } = pair();
    central.connect(peripheral);
    scheduler.runFor(1000);
    central.command(OPCODE.reset);
    const resetMs = scheduler.now();
    scheduler.runFor(1000);
    expect(central.disconnections).toEqual([]);
    expect(peripheral.disconnections).toMatchObject([{ reason: STATUS.connectionTimeout }]);
    const afterMs = (peripheral.disconnections[0]?.timeMs ?? 0) - resetMs;
    expect(afterMs).toBeGreaterThan(420 - 30);
    expect(afterMs).toBeLessThanOrEqual(420 + 30);
  });
});

it('does the same again from the same seed, and something else from another', () => {
  const trace = (seed: number): string => {
    const { scheduler, air } = newAir({ seed, lossProbability: 0.3 });
    const events: unknown[] = [];
    air.observe((event) => events.push(event));
    const peripheral = new ScriptedHost(air);
    const central = new ScriptedHost(air, { x: 6 });
    peripheral.advertise(ADVERT, SCAN_RESPONSE);
    central.scan();
    central.connect(peripheral);
    scheduler.runFor(2000);
    for (let i = 0; i < 20; i++) central.sendInTurn(Buffer.alloc(100, i));
    scheduler.runFor(2000);
    return JSON.stringify(
      [events, central, peripheral].map((part, at) => (at === 0 ? part : Object.values(part).slice(1, 8))),
    );
  };
  expect(trace(11)).toBe(trace(11));
  expect(trace(11)).not.toBe(trace(12));
});
