// One host process on the air's socket: its hello makes a controller, its HCI packets go there, and when the
// process is gone the controller falls silent, as a radio does whose power is cut.

import type { Socket } from 'node:net';
import type { Air } from './air.js';
import type { Controller } from './controller.js';
import { decodeNote, encodeFrame, encodeNote, FrameReader } from './host-frames.js';
import type { PositionM } from './medium.js';

/** How long a link that the host ended in its last moment may take to end properly. */
const LINGER_MS = 1000;
/** Longer than what a host that does not read can be owed: then it is cut off. */
const OWED_BYTES_MAX = 4_000_000;

/** `"x,y"` in metres; undefined when it is not that. */
export function parsePositionM(text: string): PositionM | undefined {
  const match = /^(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text.replaceAll(' ', ''));
  return match === null ? undefined : { x: Number(match[1]), y: Number(match[2]) };
}

export class HostConnection {
  readonly #air: Air;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #controller: Controller | undefined;

  constructor(air: Air, socket: Socket) {
    this.#air = air;
    this.#socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    // The close that follows says all there is to do.
    socket.on('error', () => {});
    socket.on('close', () => this.#hostGone());
  }

  get controller(): Controller | undefined {
    return this.#controller;
  }

  /** Tells the host that its adapter is up or down, and makes it so. */
  setPowered(on: boolean, reason: string): void {
    if (this.#controller === undefined) return;
    this.#controller.powered = on;
    this.#send(encodeNote(on ? { up: true } : { up: false, reason }));
  }

  #receive(chunk: Buffer): void {
    for (const packet of this.#frames.read(chunk)) {
      if (this.#controller !== undefined) this.#controller.receiveFromHost(Buffer.from(packet));
      else if (!this.#join(decodeNote(packet))) return;
    }
  }

  #join(hello: Record<string, unknown> | undefined): boolean {
    try {
      if (hello === undefined) throw new Error('the first frame must be the hello');
      const { address, name, positionM } = hello;
      const position = typeof positionM === 'string' ? parsePositionM(positionM) : undefined;
      if (positionM !== undefined && position === undefined)
        throw new Error('the position must be "x,y" in metres');
      this.#controller = this.#air.join({
        ...(typeof address === 'string' && { address: address.toLowerCase() }),
        ...(typeof name === 'string' && { name }),
        ...(position !== undefined && { position }),
        toHost: (packet) => this.#send(encodeFrame(packet)),
      });
      this.#send(encodeNote({ up: true }));
      return true;
    } catch (error) {
      this.#socket.end(
        encodeNote({ up: false, reason: error instanceof Error ? error.message : String(error) }),
      );
      return false;
    }
  }

  #send(frame: Buffer): void {
    if (this.#socket.writableLength > OWED_BYTES_MAX) this.#socket.destroy();
    else if (this.#socket.writable) this.#socket.write(frame);
  }

  #hostGone(): void {
    const controller = this.#controller;
    if (controller === undefined) return;
    if (!controller.isEnding) {
      this.#air.leave(controller);
      return;
    }
    controller.stopRoles();
    this.#air.scheduler.at(this.#air.scheduler.now() + LINGER_MS, () => this.#air.leave(controller));
  }
}
