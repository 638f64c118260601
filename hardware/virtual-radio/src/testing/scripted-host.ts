// A host for tests in virtual time: writes HCI packets byte by byte, keeps what the controller says, and sends
// data with or without respect for the controller's buffers.

import type { Air } from '../air.js';
import type { Controller } from '../controller.js';
import { EVENT, LE_EVENT, OPCODE, PACKET } from '../hci-codes.js';

export interface Advert {
  readonly timeMs: number;
  readonly type: number;
  readonly data: string;
  readonly rssiDbm: number;
}

export interface Connection {
  readonly timeMs: number;
  readonly status: number;
  readonly handle: number;
  readonly role: number;
  readonly intervalMs: number;
}

function command(opcode: number, ...parameters: number[]): Buffer {
  return Buffer.from([PACKET.command, opcode & 0xff, opcode >> 8, parameters.length, ...parameters]);
}

const uint16 = (value: number): [number, number] => [value & 0xff, value >> 8];

export class ScriptedHost {
  readonly controller: Controller;
  readonly adverts: Advert[] = [];
  readonly connections: Connection[] = [];
  readonly updates: { timeMs: number; intervalMs: number }[] = [];
  readonly disconnections: { timeMs: number; handle: number; reason: number }[] = [];
  /** ACL packets as they came: time, whether an L2CAP frame begins, payload. */
  readonly received: { timeMs: number; first: boolean; payload: Buffer }[] = [];
  /** Command Complete and Command Status: opcode and status. */
  readonly answers: { opcode: number; status: number; result: string }[] = [];
  overflows = 0;
  /** Credits from LE Read Buffer Size. */
  creditsMax = 0;
  #pending = 0;
  readonly #queue: Buffer[] = [];
  readonly #air: Air;

  constructor(air: Air, options: { address?: string; x?: number } = {}) {
    this.#air = air;
    this.controller = air.join({
      ...(options.address !== undefined && { address: options.address }),
      position: { x: options.x ?? 0, y: 0 },
      toHost: (packet) => this.#hear(packet),
    });
    this.send(command(OPCODE.leReadBufferSize));
  }

  get handle(): number {
    return this.connections.at(-1)?.handle ?? 0;
  }

  send(packet: Buffer): void {
    this.controller.receiveFromHost(packet);
  }

  command(opcode: number, ...parameters: number[]): void {
    this.send(command(opcode, ...parameters));
  }

  advertise(data: Buffer, scanResponse = Buffer.alloc(0), interval = 160): void {
    const part = (bytes: Buffer): number[] => [bytes.length, ...bytes, ...Buffer.alloc(31 - bytes.length)];
    const zeros = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    this.command(OPCODE.leSetAdvertisingParameters, ...uint16(interval), ...uint16(interval), ...zeros, 7, 0);
    this.command(OPCODE.leSetAdvertisingData, ...part(data));
    this.command(OPCODE.leSetScanResponseData, ...part(scanResponse));
    this.command(OPCODE.leSetAdvertiseEnable, 1);
  }

  scan(options: { filterDuplicates?: boolean; active?: boolean } = {}): void {
    this.command(
      OPCODE.leSetScanParameters,
      options.active === false ? 0 : 1,
      ...uint16(18),
      ...uint16(18),
      0,
      0,
    );
    this.command(OPCODE.leSetScanEnable, 1, options.filterDuplicates === true ? 1 : 0);
  }

  connect(peer: ScriptedHost, options: { interval?: number; timeout?: number } = {}): void {
    const interval = options.interval ?? 24;
    this.command(
      OPCODE.leCreateConnection,
      ...uint16(0x60),
      ...uint16(0x30),
      ...[0, 0],
      ...peer.controller.addressBytes,
      ...[0, ...uint16(interval), ...uint16(interval), 0, 0],
      ...uint16(options.timeout ?? 42),
      ...[0, 0, 0, 0],
    );
  }

  disconnect(): void {
    this.command(OPCODE.disconnect, ...uint16(this.handle), 0x13);
  }

  /** An ACL packet at once, whether the controller has room or not. */
  sendUnchecked(payload: Buffer, first = true): void {
    const flags = first ? 0 : 0x1000;
    this.send(
      Buffer.concat([
        Buffer.from([PACKET.acl, ...uint16(this.handle | flags), ...uint16(payload.length)]),
        payload,
      ]),
    );
  }

  /** An ACL packet when the controller has room. */
  sendInTurn(payload: Buffer): void {
    this.#queue.push(payload);
    this.#sendQueued();
  }

  #sendQueued(): void {
    while (this.#pending < this.creditsMax) {
      const payload = this.#queue.shift();
      if (payload === undefined) return;
      this.#pending += 1;
      this.sendUnchecked(payload);
    }
  }

  #hear(packet: Buffer): void {
    const timeMs = this.#air.scheduler.now();
    if (packet[0] === PACKET.acl) {
      const first = packet.readUInt16LE(1) >> 12 === 2;
      this.received.push({ timeMs, first, payload: packet.subarray(5) });
    } else if (packet[1] === EVENT.commandComplete) {
      const opcode = packet.readUInt16LE(4);
      this.answers.push({ opcode, status: packet.readUInt8(6), result: packet.toString('hex', 7) });
      if (opcode === OPCODE.leReadBufferSize) this.creditsMax = packet.readUInt8(9);
    } else if (packet[1] === EVENT.commandStatus) {
      this.answers.push({ opcode: packet.readUInt16LE(5), status: packet.readUInt8(3), result: '' });
    } else if (packet[1] === EVENT.disconnectionComplete) {
      this.disconnections.push({ timeMs, handle: packet.readUInt16LE(4), reason: packet.readUInt8(6) });
    } else if (packet[1] === EVENT.numberOfCompletedPackets) {
      this.#pending -= packet.readUInt16LE(6);
      this.#sendQueued();
    } else if (packet[1] === EVENT.dataBufferOverflow) {
      this.overflows += 1;
    } else if (packet[1] === EVENT.leMeta) {
      this.#hearLe(packet, timeMs);
    }
  }

  #hearLe(packet: Buffer, timeMs: number): void {
    if (packet[3] === LE_EVENT.advertisingReport) {
      const length = packet.readUInt8(13);
      this.adverts.push({
        timeMs,
        type: packet.readUInt8(5),
        data: packet.toString('hex', 14, 14 + length),
        rssiDbm: packet.readInt8(14 + length),
      });
    } else if (packet[3] === LE_EVENT.connectionComplete) {
      this.connections.push({
        timeMs,
        status: packet.readUInt8(4),
        handle: packet.readUInt16LE(5),
        role: packet.readUInt8(7),
        intervalMs: packet.readUInt16LE(15) * 1.25,
      });
    } else if (packet[3] === LE_EVENT.connectionUpdateComplete) {
      this.updates.push({ timeMs, intervalMs: packet.readUInt16LE(7) * 1.25 });
    }
  }
}
