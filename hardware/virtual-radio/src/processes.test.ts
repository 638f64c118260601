// Unmodified noble and bleno, each in a process of its own, over the built preload file.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AirOptions } from './air-options.js';
import { type RunningAir, startAir } from './air-server.js';
import { HostProcess } from './testing/host-process.js';

const SERVICE = 'aaaa0001000010008000000000000001';
const BOX = 'c0:00:00:00:00:01';
const OTHER_BOX = 'c0:00:00:00:00:02';

let folder: string;
let air: RunningAir;
let processes: HostProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapseal-air-'));
  processes = [];
});

afterEach(async () => {
  await Promise.all(processes.map((process) => process.kill()));
  await air.close();
  rmSync(folder, { recursive: true });
});

/** Short intervals: the tests ask what happens, not how long it takes. */
async function open(options: AirOptions = {}): Promise<void> {
  const quick = { connectionIntervalMs: 7.5, advertisingIntervalMs: 30 };
  air = await startAir({ socketPath: join(folder, 'air.sock'), seed: 7, ...quick, ...options });
}

function started(process: HostProcess): HostProcess {
  processes.push(process);
  return process;
}

async function startBox(address: string, ...args: string[]): Promise<HostProcess> {
  const box = started(
    new HostProcess('bleno-peripheral', { socketPath: air.socketPath, address, name: address }, args),
  );
  await box.next('advertising');
  return box;
}

async function startPhone(name: string): Promise<HostProcess> {
  const radio = { socketPath: air.socketPath, name, positionM: { x: 1, y: 0 } };
  const phone = started(new HostProcess('noble-central', radio));
  await phone.next('state');
  return phone;
}

async function find(phone: HostProcess, address: string): Promise<unknown> {
  phone.do('scan', 'duplicates');
  return phone.next(({ event, detail }) => {
    return (
      event === 'discover' &&
      typeof detail === 'object' &&
      detail !== null &&
      'address' in detail &&
      detail.address === address
    );
  });
}

/** As an app has to: a link that failed to be established, or was lost on the way, is tried again. */
async function connectAndDiscover(phone: HostProcess, address: string): Promise<void> {
  for (;;) {
    phone.do('connect', address);
    expect(await phone.next('connect')).toBe('');
    phone.do('discover');
    let ended = false;
    const services = await phone.next(({ event }) => {
      ended = event === 'disconnect';
      return ended || event === 'discovered';
    });
    if (ended) continue;
    expect(services).toEqual([SERVICE]);
    phone.do('subscribe');
    await phone.next('subscribed');
    return;
  }
}

async function echo(phone: HostProcess, bytes: Buffer): Promise<void> {
  phone.do('write', bytes.toString('hex'));
  expect(await phone.next('data')).toBe(Buffer.from(bytes).reverse().toString('hex'));
}

function payload(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (at * 7 + length) & 0xff));
}

describe.each([
  ['no loss, MTU as the libraries agree', { connectionIntervalMs: 30, expectMtu: 256 }],
  ['MTU 23', { attMtuMax: 23, expectMtu: 23 }],
  ['MTU 185', { attMtuMax: 185, expectMtu: 185 }],
  ['MTU 247, no data length extension', { attMtuMax: 247, dataLengthMax: 27, expectMtu: 247 }],
  ['a fifth of the packets lost', { lossProbability: 0.2, expectMtu: 256 }],
])('a phone and a box with %s', (_name, { expectMtu, ...options }) => {
  it('scan, connect, discover, subscribe, write, notify, disconnect, and the box advertises again', async () => {
    await open(options);
    const box = await startBox(BOX);
    const phone = await startPhone('phone');
    expect(phone.told[0]).toEqual({ event: 'state', detail: 'poweredOn' });
    expect(await find(phone, BOX)).toMatchObject({ serviceUuids: [SERVICE], localName: 'echo' });
    phone.do('stop scan');
    for (let visit = 0; visit < 2; visit++) {
      await connectAndDiscover(phone, BOX);
      phone.do('mtu');
      expect(await phone.next('mtu')).toBe(expectMtu);
      expect(await box.next('subscribed')).toBe(expectMtu - 3);
      for (const length of [1, 20, expectMtu - 3]) await echo(phone, payload(length));
      phone.do('disconnect');
      await phone.next('disconnect');
      await box.next('disconnect');
    }
  });
});

it('shows the loss of a link to both ends, which find together again', async () => {
  await open();
  const box = await startBox(BOX);
  const phone = await startPhone('phone');
  await find(phone, BOX);
  await connectAndDiscover(phone, BOX);
  await box.next('subscribed');
  air.setPosition(BOX, { x: 3000, y: 0 });
  expect(await phone.next('disconnect')).toBe(8);
  await box.next('disconnect');
  air.setPosition(BOX, { x: 0, y: 0 });
  await connectAndDiscover(phone, BOX);
  await echo(phone, payload(50));
});

it('serves two phones and two boxes at the same time', async () => {
  await open();
  const [, , ada, ben] = await Promise.all([
    startBox(BOX),
    startBox(OTHER_BOX),
    startPhone('ada'),
    startPhone('ben'),
  ] as const);
  await Promise.all([find(ada, BOX), find(ben, OTHER_BOX)]);
  await Promise.all([connectAndDiscover(ada, BOX), connectAndDiscover(ben, OTHER_BOX)]);
  await Promise.all([echo(ada, payload(100)), echo(ben, payload(200))]);
});

it('lets a second phone wait for the box until the first has gone', async () => {
  await open();
  const box = await startBox(BOX);
  const ada = await startPhone('ada');
  const ben = await startPhone('ben');
  await find(ada, BOX);
  await find(ben, BOX);
  await connectAndDiscover(ada, BOX);
  ben.do('connect', BOX);
  await echo(ada, payload(30));
  expect(ben.count('connect')).toBe(0);
  ada.do('disconnect');
  await box.next('disconnect');
  expect(await ben.next('connect')).toBe('');
});

describe('scanning', () => {
  /** Until the box has advertised so many times more. */
  function adverts(address: string, count: number): Promise<void> {
    let left = count;
    return new Promise((resolve) => {
      const stop = air.observe((event) => {
        if (event.kind !== 'pdu' || event.pdu !== 'ADV_IND' || event.from !== address || --left > 0) return;
        stop();
        resolve();
      });
    });
  }

  const timesSeen = (phone: HostProcess, address: string): number =>
    phone.told.filter(({ detail }) => (detail as { address?: string }).address === address).length;

  it('hands 31 and 31 raw bytes over', async () => {
    await open();
    const service = SERVICE.match(/../g)?.reverse().join('');
    await startBox(BOX, `0201061107${service}09ffffff010203040506`, `1eff${'5a'.repeat(29)}`);
    const phone = await startPhone('phone');
    expect(await find(phone, BOX)).toMatchObject({
      serviceUuids: [SERVICE],
      manufacturerData: '5a'.repeat(29),
    });
  });

  it('tells of a box once, or each time, as the phone wants', async () => {
    await open();
    await startBox(BOX);
    const phone = await startPhone('phone');
    phone.do('scan');
    await phone.next('discover');
    await adverts(BOX, 10);
    expect(timesSeen(phone, BOX)).toBe(1);
    phone.do('scan', 'duplicates');
    for (let i = 0; i < 5; i++) await phone.next('discover');
  });
});

it('ends the link of a process that ends, and loses that of one that is killed', async () => {
  await open();
  const box = await startBox(BOX);
  const reasons: number[] = [];
  air.observe(
    (event) => event.kind === 'disconnected' && event.address === BOX && reasons.push(event.reason),
  );
  for (const ending of ['end', 'kill'] as const) {
    const phone = await startPhone(ending);
    await find(phone, BOX);
    await connectAndDiscover(phone, BOX);
    await phone[ending]();
    await box.next('disconnect');
  }
  expect(reasons).toEqual([0x13, 0x08]);
});

it('tells a host that its adapter was switched off, and on, however quickly', async () => {
  await open();
  const phone = await startPhone('phone');
  air.powerOff('phone');
  air.powerOn('phone');
  expect(await phone.next('state')).toBe('poweredOff');
  expect(phone.stderr).toContain('the adapter was switched off');
  expect(await phone.next('state')).toBe('poweredOn');
});

it('tells a host that the air has gone, and takes it up again when there is one', async () => {
  await open();
  const phone = await startPhone('phone');
  await air.close();
  expect(await phone.next('state')).toBe('poweredOff');
  expect(phone.stderr).toContain('the air has gone');
  await open();
  expect(await phone.next('state')).toBe('poweredOn');
});

it('says clearly that there is no air', async () => {
  await open();
  const lost = started(new HostProcess('noble-central', { socketPath: join(folder, 'nothing.sock') }));
  expect(await lost.next('state')).toBe('poweredOff');
  expect(lost.stderr).toContain(`no air at ${join(folder, 'nothing.sock')}`);
});

it('refuses an address that is on the air already', async () => {
  await open();
  await startBox(BOX);
  const twin = started(new HostProcess('bleno-peripheral', { socketPath: air.socketPath, address: BOX }));
  expect(await twin.next('state')).toBe('poweredOff');
  expect(twin.stderr).toContain(`the address ${BOX} is already on the air`);
});
