/**
 * Frames (docs/protocol.md §4): how a message becomes ATT packets and back. One byte before a message that fits a packet;
 * fragments only where it does not, so that MTU 23 works and MTU 185 costs nothing.
 *
 * Byte 0: bit 7 first, bit 6 more to come, bits 0–5 the type. The first of several fragments has the whole length in the
 * next two bytes (big-endian), so that the receiver bounds it before it stores anything.
 */
import {
  ATT_HEADER_BYTES,
  ATT_MTU_MIN,
  ATT_VALUE_BYTES_MAX,
  CHALLENGE_MESSAGE_BYTES,
  MESSAGE_BYTES_MAX,
  RECEIPT_BYTES_MAX,
  SEALED_HELLO_BYTES_MAX,
  VOUCHER_BYTES_MAX,
} from './bounds.js';
import { concatBytes, copyBytes } from './bytes.js';
import { assertUint } from './fields.js';
import { TapsealError } from './tapseal-error.js';

const types = {
  challenge: 1,
  hello: 2,
  voucher: 3,
  receipt: 4,
  manifest: 5,
  status: 6,
} as const;

export type MessageType = keyof typeof types;

export type Message = { readonly type: MessageType; readonly body: Uint8Array };

const FIRST = 0x80;
const MORE = 0x40;
const TYPE_MASK = 0x3f;

/** The longest body of each type: a length is checked against it before anything is stored. */
const bodyBytesMax: Record<MessageType, number> = {
  challenge: CHALLENGE_MESSAGE_BYTES,
  hello: SEALED_HELLO_BYTES_MAX,
  voucher: VOUCHER_BYTES_MAX,
  receipt: RECEIPT_BYTES_MAX,
  manifest: MESSAGE_BYTES_MAX,
  status: 1,
};

function typeOf(code: number): MessageType | undefined {
  for (const type of Object.keys(types) as MessageType[]) {
    if (types[type] === code) return type;
  }
  return undefined;
}

/**
 * Splits a message into the packets of a link with this ATT MTU (23 and more).
 * @throws RangeError for a body longer than any receiver takes
 */
export function encodeFrames(message: Message, mtu: number): Uint8Array[] {
  const room = Math.min(Math.max(mtu, ATT_MTU_MIN) - ATT_HEADER_BYTES, ATT_VALUE_BYTES_MAX);
  const { body } = message;
  assertUint(`length of ${message.type}`, body.length, bodyBytesMax[message.type]);
  const code = types[message.type];
  if (1 + body.length <= room) return [concatBytes(Uint8Array.of(FIRST | code), body)];
  const frames = [
    concatBytes(
      Uint8Array.of(FIRST | MORE | code, body.length >> 8, body.length & 0xff),
      body.subarray(0, room - 3),
    ),
  ];
  for (let at = room - 3; at < body.length; at += room - 1) {
    const end = at + room - 1;
    frames.push(concatBytes(Uint8Array.of(code | (end < body.length ? MORE : 0)), body.subarray(at, end)));
  }
  return frames;
}

/** Joins the packets of one link, in order, into messages. After an error it starts afresh with the next first packet. */
export class FrameReader {
  #type: MessageType | undefined;
  #parts: Uint8Array[] = [];
  #missing = 0;

  /** True while a message has begun and not ended. */
  get inMessage(): boolean {
    return this.#type !== undefined;
  }

  /**
   * @returns the message that this packet completes, or undefined if more is to come
   * @throws TapsealError message_malformed, message_too_long
   */
  push(packet: Uint8Array): Message | undefined {
    const head = packet[0] ?? 0;
    const type = typeOf(head & TYPE_MASK);
    const more = (head & MORE) !== 0;
    if (type === undefined) this.#fail('message_malformed', 'frame type');
    return (head & FIRST) !== 0 ? this.#begin(type, more, packet) : this.#continue(type, more, packet);
  }

  #begin(type: MessageType, more: boolean, packet: Uint8Array): Message | undefined {
    if (this.inMessage) this.#fail('message_malformed', 'frame inside another message');
    if (!more) {
      if (packet.length - 1 > bodyBytesMax[type]) this.#fail('message_too_long', type);
      return { type, body: copyBytes(packet, 1) };
    }
    if (packet.length < 4) this.#fail('message_malformed', 'first frame');
    const length = ((packet[1] as number) << 8) | (packet[2] as number);
    if (length > bodyBytesMax[type]) this.#fail('message_too_long', type);
    // One that ends here already would have a second encoding without the length.
    if (length <= packet.length - 3) this.#fail('message_malformed', 'length of first frame');
    this.#type = type;
    this.#parts = [copyBytes(packet, 3)];
    this.#missing = length - (packet.length - 3);
    return undefined;
  }

  #continue(type: MessageType, more: boolean, packet: Uint8Array): Message | undefined {
    if (type !== this.#type) this.#fail('message_malformed', 'frame of no message');
    this.#missing -= packet.length - 1;
    // A frame without content would let a sender hold the link for ever at no cost.
    if (packet.length < 2 || this.#missing < 0 || more !== this.#missing > 0)
      this.#fail('message_malformed', 'fragment');
    this.#parts.push(copyBytes(packet, 1));
    if (more) return undefined;
    const body = concatBytes(...this.#parts);
    this.#reset();
    return { type, body };
  }

  #reset(): void {
    this.#type = undefined;
    this.#parts = [];
    this.#missing = 0;
  }

  #fail(code: 'message_malformed' | 'message_too_long', detail: string): never {
    this.#reset();
    throw new TapsealError(code, detail);
  }
}
