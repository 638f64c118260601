// The two link layer control packets that this controller speaks (Core specification, Vol 6 Part B, 2.4.2).

import type { ConnectionParameters } from './hci-events.js';

const CONNECTION_UPDATE_IND = 0x00;
const TERMINATE_IND = 0x02;

export type LinkControl =
  | { readonly kind: 'terminate'; readonly reason: number }
  | { readonly kind: 'update'; readonly parameters: ConnectionParameters; readonly instant: number };

export function encodeLinkControl(control: LinkControl): Buffer {
  if (control.kind === 'terminate') return Buffer.from([TERMINATE_IND, control.reason]);
  const bytes = Buffer.alloc(12);
  bytes[0] = CONNECTION_UPDATE_IND;
  bytes[1] = 1; // window size; the window offset stays 0: the grid goes on from the old one
  bytes.writeUInt16LE(control.parameters.interval, 4);
  bytes.writeUInt16LE(control.parameters.latency, 6);
  bytes.writeUInt16LE(control.parameters.timeout, 8);
  bytes.writeUInt16LE(control.instant & 0xffff, 10);
  return bytes;
}

/** Only for bytes that {@link encodeLinkControl} made. */
export function decodeLinkControl(bytes: Buffer): LinkControl {
  if (bytes[0] === TERMINATE_IND) return { kind: 'terminate', reason: bytes.readUInt8(1) };
  return {
    kind: 'update',
    parameters: {
      interval: bytes.readUInt16LE(4),
      latency: bytes.readUInt16LE(6),
      timeout: bytes.readUInt16LE(8),
    },
    instant: bytes.readUInt16LE(10),
  };
}
