// The habits of noble that its documentation leaves out (lib/hci-socket, lib/peripheral.js), played by an emitter: each of
// them has hung or broken an app. That link and library work together is shown over the virtual radio, in scripts/e2e.
import { EventEmitter } from 'node:events';
import { EXCHANGE_UUID } from '@tapseal/shared/advert';
import { beforeEach, describe, expect, it } from 'vitest';
import { type GattLayout, layoutHint, NobleLink } from './noble-link.js';
import type { NoblePeripheral } from './noble-types.js';

const declaration = Buffer.concat([
  Buffer.from([0x1c, 12, 0]),
  Buffer.from(EXCHANGE_UUID.replaceAll('-', ''), 'hex').reverse(),
]);

class PlayedPeripheral extends EventEmitter implements NoblePeripheral {
  readonly id = 'c00000000001';
  readonly rssi = -50;
  readonly advertisement = {};
  mtu: number | null = 512;
  state = 'disconnected';
  readonly did: string[] = [];
  declaration = declaration;
  confirms = true;

  connect(): void {
    this.did.push('connect');
    this.state = 'connecting';
  }

  cancelConnect(): void {
    if (this.state !== 'connecting') return;
    this.did.push('cancelConnect');
    this.emit('connect', new Error('connection canceled!'));
  }

  disconnect(): void {
    if (this.state !== 'connected') throw new TypeError('The "value" argument must be of type number');
    this.did.push('disconnect');
    this.state = 'disconnecting';
  }

  discoverServices(): void {
    this.did.push('discoverServices');
  }

  readHandle(handle: number): void {
    this.did.push(`read ${handle}`);
    queueMicrotask(() => this.emit(`handleRead${handle}`, this.declaration));
  }

  writeHandle(handle: number, data: Buffer, withoutResponse: boolean): void {
    this.did.push(`write ${handle} ${data.toString('hex')}${withoutResponse ? ' command' : ''}`);
    if (this.confirms) queueMicrotask(() => this.emit(`handleWrite${handle}`));
  }

  connected(error?: Error): void {
    this.state = error === undefined ? 'connected' : 'error';
    this.emit('connect', error);
  }

  disconnected(): void {
    this.state = 'disconnected';
    this.emit('disconnect', 0x13);
  }
}

let peripheral: PlayedPeripheral;
let heard: string[];
let layouts: GattLayout[];
let scanPauses: number;

function open(layout: GattLayout = layoutHint, before = Promise.resolve()): NobleLink {
  const listener = {
    onStep: (step: string) => heard.push(step),
    onPacket: (packet: Uint8Array) => heard.push(`packet ${Buffer.from(packet).toString('hex')}`),
    onClosed: () => heard.push('closed'),
  };
  return new NobleLink(peripheral, listener, {
    parameters: {},
    before,
    layout,
    onLayout: (proved) => layouts.push(proved),
    onLayoutWrong: () => heard.push('layout wrong'),
    pauseScan: () => {
      scanPauses += 1;
    },
    resumeScan: () => {
      scanPauses -= 1;
    },
  });
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  peripheral = new PlayedPeripheral();
  heard = [];
  layouts = [];
  scanPauses = 0;
});

describe('NobleLink', () => {
  it('proves the usual layout with one read, and subscribes with one write', async () => {
    const { connecting } = open();
    await turn();
    expect(scanPauses).toBe(1);
    peripheral.connected();
    peripheral.mtu = 185;
    const link = await connecting.link;
    expect(link.mtu).toBe(185);
    expect(peripheral.did).toEqual(['connect', 'read 11', 'write 13 0100']);
    expect(layouts).toEqual([{ declarationHandle: 11, valueHandle: 12, proved: true }]);
    expect(scanPauses).toBe(0);
    peripheral.emit('handleNotify', 12, Buffer.from('aa', 'hex'));
    peripheral.emit('handleNotify', 8, Buffer.from('bb', 'hex'));
    expect(heard).toEqual(['connected', 'discovered', 'packet aa']);
  });

  it('asks nothing of a box whose layout is proved', async () => {
    const { connecting } = open({ ...layoutHint, proved: true });
    await turn();
    peripheral.connected();
    await connecting.link;
    expect(peripheral.did).toEqual(['connect', 'write 13 0100']);
  });

  it.each([
    ['an ATT error', Buffer.alloc(0)],
    ['another characteristic', Buffer.concat([declaration.subarray(0, 18), Buffer.from([0])])],
    ['one without notifications', Buffer.concat([Buffer.from([0x0c]), declaration.subarray(1)])],
  ])('discovers where the usual place holds %s', async (_name, found) => {
    peripheral.declaration = found;
    open();
    await turn();
    peripheral.connected();
    await turn();
    expect(peripheral.did.at(-1)).toBe('discoverServices');
    expect(peripheral.did.some((what) => what.startsWith('write'))).toBe(false);
  });

  it('forgets the MTU of the connection before, and never believes more than was asked for', async () => {
    const first = open();
    await turn();
    peripheral.connected();
    expect((await first.connecting.link).mtu).toBe(23);
    peripheral.mtu = 512;
    peripheral.disconnected();
    const second = open(layoutHint, first.down);
    await turn();
    expect(peripheral.mtu).toBeNull();
    peripheral.connected();
    peripheral.mtu = 512;
    expect((await second.connecting.link).mtu).toBe(256);
  });

  it('ends a wait for a write when the link dies, though noble forgets it', async () => {
    const { connecting } = open();
    await turn();
    peripheral.connected();
    const link = await connecting.link;
    peripheral.confirms = false;
    const write = link.write(Uint8Array.of(1), { withResponse: true });
    peripheral.disconnected();
    await expect(write).rejects.toMatchObject({ code: 'link_lost' });
    await expect(link.write(Uint8Array.of(1), { withResponse: false })).rejects.toMatchObject({
      code: 'link_lost',
    });
    expect(heard.filter((what) => what === 'closed')).toHaveLength(1);
  });

  it('reports a connection that failed', async () => {
    const { connecting } = open();
    await turn();
    peripheral.connected(new Error('Connection Failed to be Established'));
    await expect(connecting.link).rejects.toMatchObject({ code: 'link_lost' });
    expect(scanPauses).toBe(0);
    await connecting.cancel();
  });

  it('cancels a connection that does not come, and waits until the controller has let go', async () => {
    const { connecting } = open();
    await turn();
    let free = false;
    const cancelled = connecting.cancel().then(() => {
      free = true;
    });
    await turn();
    expect(peripheral.did).toEqual(['connect', 'cancelConnect']);
    expect(free).toBe(false);
    peripheral.connected(new Error('Unknown Connection Identifier'));
    await cancelled;
    await expect(connecting.link).rejects.toMatchObject({ code: 'link_lost' });
    expect(peripheral.listenerCount('connect')).toBe(0);
  });

  it('ends a connection that comes after it was cancelled', async () => {
    const { connecting, down } = open();
    await turn();
    const cancelled = connecting.cancel();
    peripheral.connected();
    expect(peripheral.did).toEqual(['connect', 'cancelConnect', 'disconnect']);
    peripheral.disconnected();
    await Promise.all([cancelled, down]);
    expect(peripheral.eventNames()).toEqual([]);
  });

  it('does not connect before the link before has gone, nor at all if it is cancelled first', async () => {
    let release = (): void => {};
    const before = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { connecting, down } = open(layoutHint, before);
    await turn();
    expect(peripheral.did).toEqual([]);
    const cancelled = connecting.cancel();
    release();
    await Promise.all([cancelled, down]);
    expect(peripheral.did).toEqual([]);
  });

  it('leaves no listener behind when a link has come and gone', async () => {
    const { connecting } = open();
    await turn();
    peripheral.connected();
    const link = await connecting.link;
    const closed = link.close();
    peripheral.disconnected();
    await closed;
    await turn();
    expect(peripheral.eventNames()).toEqual([]);
    // noble's `disconnect` throws without a connection.
    await link.close();
  });
});
