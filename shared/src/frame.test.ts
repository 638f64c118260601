import { describe, expect, test } from 'vitest';
import { ATT_VALUE_BYTES_MAX, MANIFEST_BYTES_MAX } from './bounds.js';
import { bytesToHex } from './bytes.js';
import { encodeFrames, FrameReader, type Message, type MessageType } from './frame.js';
import { objectKinds, outcomeOf, tap } from './objects.contract.js';

const mtus = [23, 100, 185, 247, 517];
const counted = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i & 0xff);

function received(reader: FrameReader, packets: readonly Uint8Array[]): Message[] {
  return packets.flatMap((packet) => reader.push(packet) ?? []);
}

describe('property 26: every MTU gives the same results', () => {
  test.each(mtus)('messages of every length at MTU %i', (mtu) => {
    const reader = new FrameReader();
    for (let length = 0; length <= 600; length++) {
      const message: Message = { type: 'manifest', body: counted(length) };
      const packets = encodeFrames(message, mtu);
      for (const packet of packets) {
        expect(packet.length).toBeLessThanOrEqual(Math.min(mtu - 3, ATT_VALUE_BYTES_MAX));
        expect(packet.length).toBeGreaterThan(length === 0 ? 0 : 1);
      }
      expect(received(reader, packets)).toEqual([message]);
      expect(reader.inMessage).toBe(false);
    }
    const longest: Message = { type: 'manifest', body: counted(MANIFEST_BYTES_MAX) };
    expect(received(reader, encodeFrames(longest, mtu))).toEqual([longest]);
  });

  test.each(mtus)('every object of a tap at MTU %i', async (mtu) => {
    const reader = new FrameReader();
    for (const type of ['voucher', 'receipt', 'manifest'] satisfies MessageType[]) {
      const kind = objectKinds.find((candidate) => candidate.kind === type);
      if (kind === undefined) throw new Error(type);
      const [message] = received(reader, encodeFrames({ type, body: kind.bytes }, mtu));
      expect(await outcomeOf(() => kind.read(message?.body ?? new Uint8Array()))).toBe('accepted');
    }
    const [hello] = received(reader, encodeFrames({ type: 'hello', body: tap.sealedHello }, mtu));
    expect(hello?.body).toEqual(tap.sealedHello);
  });
});

describe('encoding', () => {
  test('a message that fits is one packet with one byte before it', () => {
    const [packet] = encodeFrames({ type: 'voucher', body: Uint8Array.of(0xaa, 0xbb) }, 185);
    expect(bytesToHex(packet ?? new Uint8Array())).toBe('83aabb');
  });

  test('a message that does not fit has its length in the first packet', () => {
    const packets = encodeFrames({ type: 'manifest', body: counted(40) }, 23).map(bytesToHex);
    expect(packets).toEqual([
      'c50028000102030405060708090a0b0c0d0e0f10',
      '451112131415161718191a1b1c1d1e1f20212223',
      '0524252627',
    ]);
  });

  test('a body longer than any receiver takes is a fault of the sender', () => {
    expect(() => encodeFrames({ type: 'status', body: counted(2) }, 185)).toThrow(RangeError);
    expect(() => encodeFrames({ type: 'voucher', body: counted(182) }, 247)).toThrow(RangeError);
    expect(() => encodeFrames({ type: 'manifest', body: counted(MANIFEST_BYTES_MAX + 1) }, 247)).toThrow(
      RangeError,
    );
  });
});

describe('reading', () => {
  const first = Uint8Array.of(0xc5, 0, 5, 1, 2);

  test.each([
    ['nothing at all', [], 'message_malformed'],
    ['type 0', [0x80], 'message_malformed'],
    ['an unknown type', [0x87, 1], 'message_malformed'],
    ['a continuation of nothing', [0x05, 1], 'message_malformed'],
    ['a continuation of nothing that goes on', [0x45, 1], 'message_malformed'],
    ['a first fragment without length', [0xc5, 0], 'message_malformed'],
    ['a first fragment without content', [0xc5, 0, 5], 'message_malformed'],
    ['a first fragment that is the whole', [0xc5, 0, 2, 1, 2], 'message_malformed'],
    ['a first fragment that is more than the whole', [0xc5, 0, 1, 1, 2], 'message_malformed'],
    ['a length of zero', [0xc5, 0, 0, 1], 'message_malformed'],
    ['a length beyond the bound', [0xc5, 0x20, 0x01, 1], 'message_too_long'],
    ['a length beyond the bound of its type', [0xc1, 0, 19, 1], 'message_too_long'],
    ['a status of two bytes', [0x86, 0, 0], 'message_too_long'],
  ] as const)('refuses %s', async (_, bytes, code) => {
    const reader = new FrameReader();
    expect(await outcomeOf(() => reader.push(Uint8Array.from(bytes)))).toBe(code);
    expect(reader.inMessage).toBe(false);
  });

  test.each([
    ['another type', [0x03, 3, 4, 5]],
    ['another first packet', [0x85, 3]],
    ['another first fragment', [0xc5, 0, 5, 1, 2]],
    ['too much', [0x05, 3, 4, 5, 6]],
    ['too little', [0x05, 3, 4]],
    ['all there was, and more announced', [0x45, 3, 4, 5]],
    ['no content', [0x45]],
    ['no content at the end', [0x05]],
    ['nothing at all', []],
  ] as const)('a message that goes on with %s is refused, and forgotten', async (_, bytes) => {
    const reader = new FrameReader();
    expect(reader.push(first)).toBeUndefined();
    expect(reader.inMessage).toBe(true);
    expect(await outcomeOf(() => reader.push(Uint8Array.from(bytes)))).toBe('message_malformed');
    expect(reader.inMessage).toBe(false);
    expect(reader.push(Uint8Array.of(0x83, 9))).toEqual({ type: 'voucher', body: Uint8Array.of(9) });
  });

  test('a message that ends is whole: no byte of the packets before it is left over', () => {
    const reader = new FrameReader();
    reader.push(first);
    expect(reader.push(Uint8Array.of(0x05, 3, 4, 5))?.body).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
    reader.push(first);
    expect(reader.push(Uint8Array.of(0x05, 7, 8, 9))?.body).toEqual(Uint8Array.of(1, 2, 7, 8, 9));
  });

  test('messages stay what they are when a radio reuses its buffer', () => {
    const reader = new FrameReader();
    // A Buffer, as noble and bleno hand out: its slice is a view.
    const buffer = Buffer.of(0x83, 1, 2);
    const message = reader.push(buffer);
    const part = Buffer.from(first);
    reader.push(part);
    buffer.fill(0);
    part.fill(0);
    expect(message?.body).toEqual(Uint8Array.of(1, 2));
    expect(reader.push(Uint8Array.of(0x05, 3, 4, 5))?.body).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });
});
