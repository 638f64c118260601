// The commands a controller understands, each a function of the controller and the command's parameters that
// answers the host and returns the status (Core specification, Vol 4 Part E, 7.1 to 7.8). A command of the wrong
// length or with values out of range changes nothing; an unknown one is told so.

import { ACL_PACKET_BYTES } from './acl-buffers.js';
import type { Controller } from './controller.js';
import { formatDeviceAddress } from './device-address.js';
import { OPCODE, STATUS } from './hci-codes.js';
import {
  type ConnectionParameters,
  commandComplete,
  commandStatus,
  connectionComplete,
} from './hci-events.js';
import { Initiator } from './initiator.js';
import { isListeningValid } from './listening.js';
import { Scanner } from './scanner.js';

/** Peripheral links of one controller: small boards have one, and so have the libraries. */
const PERIPHERAL_LINKS_MAX = 1;
const ADVERTISING_DATA_MAX_BYTES = 31;
const VERSION_4_2 = 8;

interface Answer {
  readonly status: number;
  readonly result?: Uint8Array;
  /** What follows the answer. */
  readonly after?: () => void;
}

interface Command {
  readonly parameterBytes: number;
  /** Answered by Command Status, because an event of its own tells the result. */
  readonly answersByStatus?: true;
  run(controller: Controller, parameters: Buffer): Answer;
}

const DONE: Answer = { status: STATUS.success };
const INVALID: Answer = { status: STATUS.invalidParameters };
const DISALLOWED: Answer = { status: STATUS.commandDisallowed };

/** Runs one command and answers it. Returns the status that was answered. */
export function runCommand(controller: Controller, opcode: number, parameters: Buffer): number {
  const command = COMMANDS.get(opcode);
  if (command === undefined) {
    controller.toHost(commandStatus(opcode, STATUS.unknownCommand));
    return STATUS.unknownCommand;
  }
  const answer = parameters.length === command.parameterBytes ? command.run(controller, parameters) : INVALID;
  controller.toHost(
    command.answersByStatus
      ? commandStatus(opcode, answer.status)
      : commandComplete(opcode, answer.status, answer.result),
  );
  answer.after?.();
  return answer.status;
}

const accepted = (parameterBytes: number): Command => ({ parameterBytes, run: () => DONE });

const disconnect: Command = {
  parameterBytes: 3,
  answersByStatus: true,
  run(controller, parameters) {
    const open = controller.links.get(parameters.readUInt16LE(0));
    if (open === undefined) return { status: STATUS.unknownConnection };
    open.link.terminate(open.end, parameters.readUInt8(2));
    return DONE;
  },
};

const reset: Command = {
  parameterBytes: 0,
  run(controller) {
    controller.reset();
    return DONE;
  },
};

const readLocalVersion: Command = {
  parameterBytes: 0,
  // HCI version and revision, LMP version, manufacturer (0xffff: none), LMP subversion
  run: () => ({
    status: STATUS.success,
    result: Buffer.from([VERSION_4_2, 0, 0, VERSION_4_2, 0xff, 0xff, 0, 0]),
  }),
};

const readBufferSize: Command = {
  parameterBytes: 0,
  // ACL bytes, synchronous bytes, ACL packets, synchronous packets
  run: ({ buffers }) => ({
    status: STATUS.success,
    result: Buffer.from([ACL_PACKET_BYTES, 0, 0, buffers.count, 0, 0, 0]),
  }),
};

const leReadBufferSize: Command = {
  parameterBytes: 0,
  run: ({ buffers }) => ({
    status: STATUS.success,
    result: Buffer.from([ACL_PACKET_BYTES, 0, buffers.count]),
  }),
};

const readBdAddr: Command = {
  parameterBytes: 0,
  run: ({ addressBytes }) => ({ status: STATUS.success, result: addressBytes }),
};

const readRssi: Command = {
  parameterBytes: 2,
  run(controller, parameters) {
    const handle = parameters.readUInt16LE(0);
    const open = controller.links.get(handle);
    const result = Buffer.alloc(3);
    result.writeUInt16LE(handle, 0);
    if (open === undefined) return { status: STATUS.unknownConnection, result };
    open.link.catchUp();
    result.writeInt8(open.end.lastRssiDbm, 2);
    return { status: STATUS.success, result };
  },
};

const setAdvertisingParameters: Command = {
  parameterBytes: 15,
  run({ advertiser }, parameters) {
    const interval = parameters.readUInt16LE(0);
    const channelMap = parameters.readUInt8(13);
    if (interval < 0x20 || interval > 0x4000 || parameters.readUInt16LE(2) < interval) return INVALID;
    if (channelMap === 0 || channelMap > 7) return INVALID;
    // Only ADV_IND, from the public address, answered to everybody.
    if (parameters[4] !== 0 || parameters[5] !== 0 || parameters[14] !== 0) {
      return { status: STATUS.unsupportedFeature };
    }
    if (advertiser.enabled) return DISALLOWED;
    advertiser.intervalMs = interval * 0.625;
    advertiser.channelMap = channelMap;
    return DONE;
  },
};

function advertisingPart(part: 'data' | 'scanResponse'): Command {
  return {
    parameterBytes: 1 + ADVERTISING_DATA_MAX_BYTES,
    run({ advertiser }, parameters) {
      const length = parameters.readUInt8(0);
      if (length > ADVERTISING_DATA_MAX_BYTES) return INVALID;
      advertiser[part] = Buffer.from(parameters.subarray(1, 1 + length));
      return DONE;
    },
  };
}

const setAdvertiseEnable: Command = {
  parameterBytes: 1,
  run({ advertiser, links, air }, parameters) {
    if (parameters[0] === 0) {
      advertiser.stop();
      return DONE;
    }
    const peripheralLinks = [...links.values()].filter(({ end }) => !end.isCentral).length;
    if (peripheralLinks >= PERIPHERAL_LINKS_MAX) return { status: STATUS.connectionLimitExceeded };
    // By the specification (7.8.9) this changes nothing; not all controllers keep to it.
    if (advertiser.enabled && air.settings.refusesRepeatedAdvertising) return DISALLOWED;
    advertiser.start();
    return DONE;
  },
};

const setScanParameters: Command = {
  parameterBytes: 7,
  run(controller, parameters) {
    const interval = parameters.readUInt16LE(1);
    const window = parameters.readUInt16LE(3);
    const type = parameters.readUInt8(0);
    if (type > 1 || !isListeningValid(interval, window)) return INVALID;
    if (controller.scanner !== undefined) return DISALLOWED;
    controller.scanParameters = { active: type === 1, interval, window };
    return DONE;
  },
};

const setScanEnable: Command = {
  parameterBytes: 2,
  run(controller, parameters) {
    controller.scanner =
      parameters[0] === 0
        ? undefined
        : new Scanner({
            ...controller.scanParameters,
            startMs: controller.air.scheduler.now(),
            filterDuplicates: parameters[1] === 1,
            toHost: controller.toHost,
          });
    return DONE;
  },
};

function connectionParameters(controller: Controller, bytes: Buffer): ConnectionParameters | undefined {
  const intervalMin = bytes.readUInt16LE(0);
  const intervalMax = bytes.readUInt16LE(2);
  const latency = bytes.readUInt16LE(4);
  const timeout = bytes.readUInt16LE(6);
  const { connectionIntervalMs } = controller.air.settings;
  if (intervalMin < 6 || intervalMax < intervalMin || intervalMax > 0x0c80 || latency > 0x01f3)
    return undefined;
  if (timeout < 0x0a || timeout > 0x0c80) return undefined;
  if (timeout * 10 <= (1 + latency) * intervalMax * 1.25 * 2) return undefined;
  const interval = connectionIntervalMs === undefined ? intervalMax : connectionIntervalMs / 1.25;
  return { interval, latency, timeout };
}

const createConnection: Command = {
  parameterBytes: 25,
  answersByStatus: true,
  run(controller, parameters) {
    const interval = parameters.readUInt16LE(0);
    const window = parameters.readUInt16LE(2);
    const linkParameters = connectionParameters(controller, parameters.subarray(13));
    if (!isListeningValid(interval, window) || linkParameters === undefined) return INVALID;
    if (controller.initiator !== undefined) return DISALLOWED;
    const peerAddressBytes = Buffer.from(parameters.subarray(6, 12));
    const peerAddress = formatDeviceAddress(peerAddressBytes);
    if ([...controller.links.values()].some(({ end }) => end.peer.address === peerAddress)) {
      return { status: STATUS.connectionExists };
    }
    controller.initiator = new Initiator({
      startMs: controller.air.scheduler.now(),
      interval,
      window,
      peerAddress,
      peerAddressBytes,
      parameters: linkParameters,
    });
    return DONE;
  },
};

const createConnectionCancel: Command = {
  parameterBytes: 0,
  run(controller) {
    const { initiator } = controller;
    if (initiator === undefined) return DISALLOWED;
    controller.initiator = undefined;
    const { peerAddressBytes, parameters } = initiator;
    return {
      status: STATUS.success,
      after: () =>
        controller.toHost(connectionComplete(STATUS.unknownConnection, 0, 0, peerAddressBytes, parameters)),
    };
  },
};

const connectionUpdate: Command = {
  parameterBytes: 14,
  answersByStatus: true,
  run(controller, parameters) {
    const open = controller.links.get(parameters.readUInt16LE(0));
    if (open === undefined) return { status: STATUS.unknownConnection };
    const linkParameters = connectionParameters(controller, parameters.subarray(2));
    if (linkParameters === undefined) return INVALID;
    if (!open.end.isCentral || !open.link.requestUpdate(linkParameters)) return DISALLOWED;
    return DONE;
  },
};

const COMMANDS: ReadonlyMap<number, Command> = new Map([
  [OPCODE.disconnect, disconnect],
  [OPCODE.setEventMask, accepted(8)],
  [OPCODE.reset, reset],
  [
    OPCODE.readLeHostSupported,
    { parameterBytes: 0, run: () => ({ status: 0, result: Buffer.from([1, 0]) }) },
  ],
  [OPCODE.writeLeHostSupported, accepted(2)],
  [OPCODE.readLocalVersion, readLocalVersion],
  [OPCODE.readBufferSize, readBufferSize],
  [OPCODE.readBdAddr, readBdAddr],
  [OPCODE.readRssi, readRssi],
  [OPCODE.leSetEventMask, accepted(8)],
  [OPCODE.leReadBufferSize, leReadBufferSize],
  [OPCODE.leSetAdvertisingParameters, setAdvertisingParameters],
  [OPCODE.leSetAdvertisingData, advertisingPart('data')],
  [OPCODE.leSetScanResponseData, advertisingPart('scanResponse')],
  [OPCODE.leSetAdvertiseEnable, setAdvertiseEnable],
  [OPCODE.leSetScanParameters, setScanParameters],
  [OPCODE.leSetScanEnable, setScanEnable],
  [OPCODE.leCreateConnection, createConnection],
  [OPCODE.leCreateConnectionCancel, createConnectionCancel],
  [OPCODE.leConnectionUpdate, connectionUpdate],
]);
