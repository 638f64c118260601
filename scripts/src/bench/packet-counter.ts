/** Counts on the air how many ATT packets each kind of message took: what an eavesdropper sees, not what we believe to send. */
import type { AirEvent } from '@tapseal/virtual-radio/air-event';

const L2CAP_HEADER_BYTES = 4;
const ATT_CHANNEL = 4;
// ATT opcodes (Bluetooth Core 5.4, Vol 3 Part F §3.4).
const WRITE_REQUEST = 0x12;
const WRITE_COMMAND = 0x52;
const NOTIFICATION = 0x1b;
const VALUE_AT = L2CAP_HEADER_BYTES + 3;

// The frame byte (docs/protocol.md §4.1).
const FIRST = 0x80;
const TYPE_MASK = 0x3f;
const types = new Map([
  [2, 'hello'],
  [3, 'voucher'],
  [4, 'receipt'],
] as const);

export type CountedMessage = 'hello' | 'voucher' | 'receipt';

export class PacketCounter {
  readonly #packets = new Map<CountedMessage, number>();
  readonly #messages = new Map<CountedMessage, number>();

  observe(event: AirEvent): void {
    if (event.kind !== 'pdu' || event.pdu !== 'DATA' || !event.heard) return;
    const { bytes } = event;
    if (bytes.length <= VALUE_AT || bytes.readUInt16LE(2) !== ATT_CHANNEL) return;
    const opcode = bytes[L2CAP_HEADER_BYTES] ?? 0;
    if (opcode !== WRITE_REQUEST && opcode !== WRITE_COMMAND && opcode !== NOTIFICATION) return;
    const head = bytes[VALUE_AT] ?? 0;
    const type = types.get((head & TYPE_MASK) as 2 | 3 | 4);
    // A write of two bytes is the subscription, not a message of ours.
    if (type === undefined || bytes.length < VALUE_AT + 20) return;
    this.#packets.set(type, (this.#packets.get(type) ?? 0) + 1);
    if ((head & FIRST) !== 0) this.#messages.set(type, (this.#messages.get(type) ?? 0) + 1);
  }

  /** Packets for each message of a kind; 1 is the aim. */
  perMessage(type: CountedMessage): number {
    const messages = this.#messages.get(type) ?? 0;
    if (messages === 0) throw new Error(`no ${type} was on the air`);
    return (this.#packets.get(type) ?? 0) / messages;
  }
}
