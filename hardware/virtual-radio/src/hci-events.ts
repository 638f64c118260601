// Builds what a controller says to its host (Core specification, Vol 4 Part E, 7.7 and 5.4.2).

import { BOUNDARY, EVENT, LE_EVENT, PACKET } from './hci-codes.js';

function event(code: number, parameters: Buffer): Buffer {
  return Buffer.concat([Buffer.from([PACKET.event, code, parameters.length]), parameters]);
}

function uint16(value: number): [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

/** One command at a time is offered; hosts that send more are served in their order all the same. */
const COMMANDS_ALLOWED = 1;

export function commandComplete(
  opcode: number,
  status: number,
  result: Uint8Array = Buffer.alloc(0),
): Buffer {
  return event(
    EVENT.commandComplete,
    Buffer.concat([Buffer.from([COMMANDS_ALLOWED, ...uint16(opcode), status]), result]),
  );
}

export function commandStatus(opcode: number, status: number): Buffer {
  return event(EVENT.commandStatus, Buffer.from([status, COMMANDS_ALLOWED, ...uint16(opcode)]));
}

export interface ConnectionParameters {
  /** Units of 1.25 ms. */
  readonly interval: number;
  /** Connection events the peripheral may leave out. */
  readonly latency: number;
  /** Supervision timeout, units of 10 ms. */
  readonly timeout: number;
}

export function connectionComplete(
  status: number,
  handle: number,
  role: number,
  peerAddress: Uint8Array,
  parameters: ConnectionParameters,
): Buffer {
  return event(
    EVENT.leMeta,
    Buffer.from([
      LE_EVENT.connectionComplete,
      status,
      ...uint16(handle),
      role,
      0, // public address
      ...peerAddress,
      ...uint16(parameters.interval),
      ...uint16(parameters.latency),
      ...uint16(parameters.timeout),
      0, // clock accuracy: 500 ppm
    ]),
  );
}

export function connectionUpdateComplete(handle: number, parameters: ConnectionParameters): Buffer {
  return event(
    EVENT.leMeta,
    Buffer.from([
      LE_EVENT.connectionUpdateComplete,
      0,
      ...uint16(handle),
      ...uint16(parameters.interval),
      ...uint16(parameters.latency),
      ...uint16(parameters.timeout),
    ]),
  );
}

/** `data`: at most 31 bytes. `rssiDbm`: -127 to 20. */
export function advertisingReport(
  type: number,
  address: Uint8Array,
  data: Uint8Array,
  rssiDbm: number,
): Buffer {
  return event(
    EVENT.leMeta,
    Buffer.from([
      LE_EVENT.advertisingReport,
      1, // reports
      type,
      0, // public address
      ...address,
      data.length,
      ...data,
      rssiDbm & 0xff,
    ]),
  );
}

export function disconnectionComplete(handle: number, reason: number): Buffer {
  return event(EVENT.disconnectionComplete, Buffer.from([0, ...uint16(handle), reason]));
}

export function numberOfCompletedPackets(handle: number, count: number): Buffer {
  return event(EVENT.numberOfCompletedPackets, Buffer.from([1, ...uint16(handle), ...uint16(count)]));
}

export function dataBufferOverflow(): Buffer {
  return event(EVENT.dataBufferOverflow, Buffer.from([0x01]));
}

/** One received link layer data packet as the host gets it; `first` when an L2CAP frame begins with it. */
export function aclToHost(handle: number, first: boolean, payload: Uint8Array): Buffer {
  const boundary = first ? BOUNDARY.startToHost : BOUNDARY.continuing;
  return Buffer.concat([
    Buffer.from([PACKET.acl, ...uint16(handle | (boundary << 12)), ...uint16(payload.length)]),
    payload,
  ]);
}
