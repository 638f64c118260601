// How hosts and the air talk over their socket: frames of a two-byte length (least significant first) and that
// many bytes. A frame is an HCI packet with its type byte, or a note: a zero byte and JSON.

const NOTE = 0x00;
const LENGTH_BYTES = 2;

/** What a host says first. */
export interface HostHello {
  readonly address?: string;
  readonly name?: string;
  readonly positionM?: string;
}

/** What the air says of the host's adapter. */
export interface AdapterNote {
  readonly up: boolean;
  /** Why it is not up. */
  readonly reason?: string;
}

/** `packet`: at most 65535 bytes. */
export function encodeFrame(packet: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + packet.length);
  frame.writeUInt16LE(packet.length, 0);
  frame.set(packet, LENGTH_BYTES);
  return frame;
}

export function encodeNote(note: HostHello | AdapterNote): Buffer {
  return encodeFrame(Buffer.concat([Buffer.from([NOTE]), Buffer.from(JSON.stringify(note))]));
}

/** The object in a note; undefined when the packet is no note, or not a JSON object. */
export function decodeNote(packet: Buffer): Record<string, unknown> | undefined {
  if (packet[0] !== NOTE) return undefined;
  try {
    const note: unknown = JSON.parse(packet.subarray(1).toString('utf8'));
    return typeof note === 'object' && note !== null ? { ...note } : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts a byte stream into the packets of its frames; holds back at most one unfinished frame. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  *read(chunk: Buffer): Generator<Buffer> {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + bytes.readUInt16LE(0);
      if (bytes.length < end) break;
      const packet = bytes.subarray(LENGTH_BYTES, end);
      bytes = bytes.subarray(end);
      this.#rest = bytes;
      yield packet;
    }
    this.#rest = bytes;
  }
}
