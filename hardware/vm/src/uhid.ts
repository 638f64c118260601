/**
 * Events of `/dev/uhid`, through which a process plays a HID device. Layout: the kernel's `include/uapi/linux/uhid.h`, packed,
 * in the machine's byte order (little-endian on every machine this runs on).
 */

const destroyEvent = 1;
const stopEvent = 3;
const getReportEvent = 9;
const getReportReplyEvent = 10;
const createEvent = 11;
const setReportEvent = 13;
const setReportReplyEvent = 14;

const dataBytesMax = 4096;
const busUsb = 3;
const ioError = 5; // EIO

/** Room for any event: the type, and the largest of the bodies, that of create. */
export const uhidEventBytes: number = 4 + 128 + 64 + 64 + 2 + 2 + 4 * 4 + dataBytesMax;

/** What the kernel asks: read a report, write one, or nothing more because the device is gone. `id` goes into the reply. */
export type UhidEvent =
  | { kind: 'getReport'; id: number; reportNumber: number }
  | { kind: 'setReport'; id: number; report: Buffer }
  | { kind: 'stop' }
  | { kind: 'other' };

/** The event that makes the device appear on what looks like a USB bus. `name` up to 127 bytes of ASCII. */
export function uhidCreate(device: {
  name: string;
  vendorId: number;
  productId: number;
  reportDescriptor: Buffer;
}): Buffer {
  const event = Buffer.alloc(uhidEventBytes);
  event.writeUInt32LE(createEvent, 0);
  event.write(device.name, 4, 127, 'ascii');
  let at = 4 + 128 + 64 + 64;
  at = event.writeUInt16LE(device.reportDescriptor.length, at);
  at = event.writeUInt16LE(busUsb, at);
  at = event.writeUInt32LE(device.vendorId, at);
  at = event.writeUInt32LE(device.productId, at);
  at = event.writeUInt32LE(0, at); // version
  at = event.writeUInt32LE(0, at); // country
  device.reportDescriptor.copy(event, at);
  return event;
}

/** The event that takes the device away. */
export function uhidDestroy(): Buffer {
  const event = Buffer.alloc(4);
  event.writeUInt32LE(destroyEvent, 0);
  return event;
}

/** The reply to `getReport`: the report with its number first, or an error when there is none. */
export function uhidReportReply(id: number, report: Buffer | undefined): Buffer {
  const event = Buffer.alloc(12 + (report?.length ?? 0));
  event.writeUInt32LE(getReportReplyEvent, 0);
  event.writeUInt32LE(id, 4);
  event.writeUInt16LE(report === undefined ? ioError : 0, 8);
  event.writeUInt16LE(report?.length ?? 0, 10);
  report?.copy(event, 12);
  return event;
}

/** The reply to `setReport`. */
export function uhidTakenReply(id: number, taken: boolean): Buffer {
  const event = Buffer.alloc(10);
  event.writeUInt32LE(setReportReplyEvent, 0);
  event.writeUInt32LE(id, 4);
  event.writeUInt16LE(taken ? 0 : ioError, 8);
  return event;
}

/** Reads one event of the kernel's, which is always written whole. Throws RangeError when it is shorter than its kind. */
export function readUhidEvent(bytes: Buffer): UhidEvent {
  switch (bytes.readUInt32LE(0)) {
    case getReportEvent:
      return { kind: 'getReport', id: bytes.readUInt32LE(4), reportNumber: bytes.readUInt8(8) };
    case setReportEvent: {
      const length = Math.min(bytes.readUInt16LE(10), dataBytesMax);
      return {
        kind: 'setReport',
        id: bytes.readUInt32LE(4),
        report: Buffer.from(bytes.subarray(12, 12 + length)),
      };
    }
    case stopEvent:
      return { kind: 'stop' };
    default:
      return { kind: 'other' };
  }
}
