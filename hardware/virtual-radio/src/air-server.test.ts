import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AirEvent } from './air-event.js';
import { type RunningAir, startAir } from './air-server.js';
import { decodeNote, encodeFrame, encodeNote, FrameReader, type HostHello } from './host-frames.js';

let folder: string;
let socketPath: string;
let airs: RunningAir[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapseal-air-'));
  socketPath = join(folder, 'air.sock');
  airs = [];
});

afterEach(async () => {
  for (const air of airs) await air.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<RunningAir> {
  const air = await startAir({ socketPath });
  airs.push(air);
  return air;
}

/** Says hello and gives what comes back first; the connection stays. */
function greet(first: Buffer): Promise<{ note: Record<string, unknown> | undefined; hangUp: () => void }> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const frames = new FrameReader();
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      for (const packet of frames.read(chunk))
        resolve({ note: decodeNote(packet), hangUp: () => socket.destroy() });
    });
    socket.write(first);
  });
}

const hello = (note: HostHello) => greet(encodeNote(note));

it('is for its owner alone', async () => {
  await start();
  expect(statSync(socketPath).mode & 0o777).toBe(0o600);
});

it('refuses the place of a live air, or of another file', async () => {
  const server = createServer().listen(socketPath);
  await new Promise((resolve) => server.once('listening', resolve));
  await expect(startAir({ socketPath })).rejects.toThrow('another air listens');
  await new Promise((resolve) => server.close(resolve));
  writeFileSync(socketPath, 'something of value');
  await expect(startAir({ socketPath })).rejects.toThrow('not a socket');
});

it.each([
  [{ lossProbability: 1 }, 'lossProbability must be 0 to 0.99, not 1'],
  [{ connectionIntervalMs: 31 }, 'connectionIntervalMs must be a multiple of 1.25, not 31'],
  [{ attMtuMax: 22 }, 'attMtuMax must be 23 to 517, not 22'],
  [{ seed: 0.5 }, 'seed must be an integer, not 0.5'],
])('refuses %j', async (options, message) => {
  await expect(startAir({ socketPath, ...options })).rejects.toThrow(message);
});

it('gives each host an adapter, and tells when it comes and goes', async () => {
  const air = await start();
  const events: AirEvent[] = [];
  const left = new Promise<void>((resolve) => {
    air.observe((event) => {
      events.push(event);
      if (event.kind === 'left') resolve();
    });
  });
  const { note, hangUp } = await hello({ address: 'AA:bb:cc:dd:ee:ff', name: 'box', positionM: '1.5, -2' });
  expect(note).toEqual({ up: true });
  air.setPosition('box', { x: 3, y: 4 });
  hangUp();
  await left;
  expect(events).toMatchObject([
    { kind: 'joined', address: 'aa:bb:cc:dd:ee:ff', name: 'box' },
    { kind: 'left', address: 'aa:bb:cc:dd:ee:ff' },
  ]);
  expect(() => air.setPosition('box', { x: 0, y: 0 })).toThrow('nobody on the air is called box');
});

it('refuses what is no hello, no address, no position, or an address twice', async () => {
  await start();
  await hello({ address: 'c0:00:00:00:00:01' });
  const refusals = await Promise.all([
    greet(encodeFrame(Buffer.from([1, 3, 0x0c, 0]))),
    hello({ address: 'c0:00' }),
    hello({ positionM: 'here' }),
    hello({ address: 'C0:00:00:00:00:01' }),
  ]);
  expect(refusals.map(({ note }) => note)).toEqual([
    { up: false, reason: 'the first frame must be the hello' },
    { up: false, reason: 'not a Bluetooth address: c0:00' },
    { up: false, reason: 'the position must be "x,y" in metres' },
    { up: false, reason: 'the address c0:00:00:00:00:01 is already on the air' },
  ]);
});
