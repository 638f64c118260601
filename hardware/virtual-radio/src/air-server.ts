// The air as a server on a unix socket (or a named pipe of Windows): every process that connects is an adapter.

import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { Air } from './air.js';
import type { AirEvent } from './air-event.js';
import type { AirOptions } from './air-options.js';
import { HostConnection } from './host-connection.js';
import type { PositionM } from './medium.js';
import { RealTimeScheduler } from './real-time-scheduler.js';

export interface AirServerOptions extends AirOptions {
  /** Path of the unix socket, or `\\.\pipe\…`. */
  readonly socketPath: string;
}

/** A station is named by its address or its name. */
export interface RunningAir {
  readonly socketPath: string;
  setPosition(station: string, position: PositionM): void;
  /** Chance of each packet to be lost from now on, 0 to 0.99. */
  setLoss(probability: number): void;
  /** Breaks the station's links; both ends find out by their supervision timeout. */
  disconnect(station: string): void;
  disconnectAll(): void;
  /** The adapter is down: its links are gone without a word, its host is told. */
  powerOff(station: string): void;
  powerOn(station: string): void;
  /** The adapter falls mute: as `powerOff`, but nobody is told, its host neither. `powerOn` ends it. */
  hang(station: string): void;
  /** Calls `observer` for whatever happens on the air; returns how to stop it. */
  observe(observer: (event: AirEvent) => void): () => void;
  close(): Promise<void>;
}

/**
 * Starts the air.
 * @throws RangeError naming the option out of its range; Error when another air listens at the path.
 */
export async function startAir(options: AirServerOptions): Promise<RunningAir> {
  const { socketPath } = options;
  const scheduler = new RealTimeScheduler();
  const air = new Air(scheduler, options);
  const hosts = new Map<HostConnection, () => void>();
  await removeStale(socketPath);

  const server = createServer((socket) => {
    const host = new HostConnection(air, socket);
    hosts.set(host, () => socket.destroy());
    socket.on('close', () => hosts.delete(host));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  if (!isNamedPipe(socketPath)) chmodSync(socketPath, 0o600);

  const setPowered = (station: string, on: boolean): void => {
    const controller = air.station(station);
    for (const host of hosts.keys()) {
      if (host.controller === controller) host.setPowered(on, 'the adapter was switched off');
    }
  };
  return {
    socketPath,
    setPosition: (station, position) => air.setPosition(station, position),
    setLoss: (probability) => air.setLoss(probability),
    disconnect: (station) => air.disconnect(station),
    disconnectAll: () => air.disconnectAll(),
    powerOff: (station) => setPowered(station, false),
    powerOn: (station) => setPowered(station, true),
    hang(station) {
      air.station(station).powered = false;
    },
    observe: (observer) => air.observe(observer),
    async close() {
      for (const destroy of hosts.values()) destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      scheduler.stop();
    },
  };
}

function isNamedPipe(path: string): boolean {
  return path.startsWith('\\\\.\\pipe\\');
}

/** Removes the socket that a dead air left behind; refuses to take the place of one that answers. */
async function removeStale(socketPath: string): Promise<void> {
  if (isNamedPipe(socketPath)) return;
  const stats = lstatSync(socketPath, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isSocket()) throw new Error(`${socketPath} exists and is not a socket`);
  const isLive = await new Promise<boolean>((resolve) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
  if (isLive) throw new Error(`another air listens at ${socketPath}`);
  rmSync(socketPath);
}
