// One Bluetooth LE controller: the host's commands and data come in as HCI packets, what happens on the air goes
// back the same way (Core specification, Vol 4 Part E). Nothing of the host is trusted: lengths and ranges are
// checked, what is wrong gets its HCI error and changes nothing.

import { ACL_PACKET_BYTES, AclBuffers } from './acl-buffers.js';
import { Advertiser } from './advertiser.js';
import type { AirContext } from './air-context.js';
import { clampAttMtu } from './att-mtu-clamp.js';
import { formatDeviceAddress } from './device-address.js';
import { BOUNDARY, PACKET, STATUS } from './hci-codes.js';
import { runCommand } from './hci-commands.js';
import {
  aclToHost,
  type ConnectionParameters,
  connectionComplete,
  connectionUpdateComplete,
  dataBufferOverflow,
  disconnectionComplete,
  numberOfCompletedPackets,
} from './hci-events.js';
import type { Initiator } from './initiator.js';
import type { Link } from './link.js';
import type { LinkEnd, LinkPacket } from './link-end.js';
import type { PositionM } from './medium.js';
import type { Scanner } from './scanner.js';

/** First connection handle: not 0, which some hosts take for "no connection". */
const HANDLE_FIRST = 0x0040;
const HANDLE_LAST = 0x0eff;

interface OpenLink {
  readonly link: Link;
  readonly end: LinkEnd;
}

export class Controller {
  readonly address: string;
  readonly addressBytes: Buffer;
  readonly name: string;
  readonly air: AirContext;
  readonly advertiser: Advertiser;
  readonly toHost: (packet: Buffer) => void;
  position: PositionM;
  scanner: Scanner | undefined;
  scanParameters = { active: false, interval: 0x10, window: 0x10 };
  initiator: Initiator | undefined;
  readonly links = new Map<number, OpenLink>();
  readonly buffers: AclBuffers;
  #lastHandle = HANDLE_FIRST - 1;
  #refused = 0;
  #powered = true;

  constructor(
    air: AirContext,
    options: { addressBytes: Buffer; name: string; position: PositionM; toHost: (packet: Buffer) => void },
  ) {
    this.air = air;
    this.addressBytes = options.addressBytes;
    this.address = formatDeviceAddress(options.addressBytes);
    this.name = options.name;
    this.position = options.position;
    this.toHost = (packet) => {
      if (this.#powered) options.toHost(packet);
    };
    this.advertiser = new Advertiser(air, this);
    this.buffers = new AclBuffers(air.settings.aclBufferCount);
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Off: everything stops at once and nobody is told, as by a power cut. On: as after a reset. */
  set powered(on: boolean) {
    if (!on) this.reset();
    this.#powered = on;
  }

  /** Whether a link is still on its way to a proper end that the host asked for. */
  get isEnding(): boolean {
    return [...this.links.values()].some(({ end }) => end.terminateDeadlineMs !== undefined);
  }

  /** One HCI packet of the host, with its packet type byte. Ignored while the power is off. */
  receiveFromHost(packet: Buffer): void {
    if (!this.#powered) return;
    if (packet[0] === PACKET.acl) this.#sendData(packet);
    else if (packet[0] === PACKET.command && packet.length >= 4) {
      const opcode = packet.readUInt16LE(1);
      const parameters = packet.subarray(4, 4 + packet.readUInt8(3));
      const status = runCommand(this, opcode, parameters);
      if (status !== STATUS.success) this.#refuse(opcode, status);
    }
  }

  /** Forgets everything but its address; peers notice by their supervision timeout. */
  reset(): void {
    this.stopRoles();
    for (const { link, end } of this.links.values()) {
      link.catchUp();
      end.active = false;
      this.buffers.freeAll(end.handle);
    }
    this.links.clear();
  }

  /** Stops advertising, scanning and initiating; links stay. */
  stopRoles(): void {
    this.advertiser.stop();
    this.scanner = undefined;
    this.initiator = undefined;
  }

  listensTo(advertiserAddress: string, channel: number, timeMs: number): boolean {
    if (this.scanner?.hears(channel, timeMs)) return true;
    return this.initiator?.peerAddress === advertiserAddress && this.initiator.hears(channel, timeMs);
  }

  nextHandle(): number {
    do {
      this.#lastHandle = this.#lastHandle >= HANDLE_LAST ? HANDLE_FIRST : this.#lastHandle + 1;
    } while (this.links.has(this.#lastHandle));
    return this.#lastHandle;
  }

  linkOpened(link: Link, end: LinkEnd): void {
    this.links.set(end.handle, { link, end });
    if (end.isCentral) this.initiator = undefined;
    else this.advertiser.stop();
    const role = end.isCentral ? 0 : 1;
    this.toHost(connectionComplete(STATUS.success, end.handle, role, end.peer.addressBytes, link.parameters));
  }

  linkUpdated(end: LinkEnd, parameters: ConnectionParameters): void {
    this.toHost(connectionUpdateComplete(end.handle, parameters));
  }

  linkClosed(end: LinkEnd, reason: number): void {
    // Not any more when it was reset meanwhile.
    if (!this.links.delete(end.handle)) return;
    this.buffers.freeAll(end.handle);
    this.air.report({
      kind: 'disconnected',
      timeMs: this.air.scheduler.now(),
      address: this.address,
      peer: end.peer.address,
      reason,
    });
    this.toHost(disconnectionComplete(end.handle, reason));
  }

  dataArrived(end: LinkEnd, first: boolean, payload: Buffer): void {
    if (this.links.get(end.handle)?.end === end) this.toHost(aclToHost(end.handle, first, payload));
  }

  packetsCompleted(end: LinkEnd, count: number): void {
    if (this.links.get(end.handle)?.end !== end) return;
    this.buffers.free(end.handle, count);
    this.toHost(numberOfCompletedPackets(end.handle, count));
  }

  #refuse(opcode: number, status: number): void {
    this.#refused += 1;
    const { address } = this;
    const timeMs = this.air.scheduler.now();
    this.air.report({ kind: 'command-refused', timeMs, address, opcode, status, count: this.#refused });
  }

  /** ACL data of the host: cut into link layer packets and queued. */
  #sendData(packet: Buffer): void {
    const handleAndFlags = packet.length < 5 ? 0 : packet.readUInt16LE(1);
    const handle = handleAndFlags & 0x0fff;
    let payload = packet.subarray(5);
    if (
      payload.length === 0 ||
      payload.length > ACL_PACKET_BYTES ||
      payload.length !== packet.readUInt16LE(3)
    ) {
      this.#drop(handle, 'malformed');
      return;
    }
    const open = this.links.get(handle);
    if (open === undefined || open.end.terminateDeadlineMs !== undefined) {
      this.#drop(handle, 'no-such-link');
      return;
    }
    if (!this.buffers.take(handle)) {
      this.#drop(handle, 'buffer-overflow');
      this.toHost(dataBufferOverflow());
      return;
    }
    const isStart = ((handleAndFlags >> 12) & 3) !== BOUNDARY.continuing;
    const { attMtuMax, dataLengthMax } = this.air.settings;
    if (isStart && attMtuMax !== undefined) payload = clampAttMtu(payload, attMtuMax);
    const packets: LinkPacket[] = [];
    for (let offset = 0; offset < payload.length; offset += dataLengthMax) {
      packets.push({
        id: isStart && offset === 0 ? 2 : 1,
        payload: payload.subarray(offset, offset + dataLengthMax),
        freesBuffer: offset + dataLengthMax >= payload.length,
      });
    }
    open.link.sendData(open.end, packets);
  }

  #drop(handle: number, why: 'buffer-overflow' | 'no-such-link' | 'malformed'): void {
    this.air.report({
      kind: 'data-dropped',
      timeMs: this.air.scheduler.now(),
      address: this.address,
      handle,
      why,
    });
  }
}
