import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeNote, encodeFrame, encodeNote, FrameReader } from './host-frames.js';

it('gives back the packets however the stream is cut', () => {
  const packet = fc.uint8Array({ minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(
      fc.array(packet, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 90 })),
      (packets, cuts) => {
        let stream = Buffer.concat(packets.map(encodeFrame));
        const reader = new FrameReader();
        const out: string[] = [];
        const take = (length: number): void => {
          for (const read of reader.read(stream.subarray(0, length))) out.push(read.toString('hex'));
          stream = stream.subarray(length);
        };
        for (const cut of cuts) take(cut);
        take(stream.length);
        expect(out).toEqual(packets.map((bytes) => Buffer.from(bytes).toString('hex')));
      },
    ),
  );
});

it('tells notes from HCI packets, and refuses what is no object', () => {
  const note = encodeNote({ up: false, reason: 'no' }).subarray(2);
  expect(decodeNote(note)).toEqual({ up: false, reason: 'no' });
  expect(decodeNote(Buffer.from([4, 0x0e, 0]))).toBeUndefined();
  expect(decodeNote(Buffer.from('\0"text"'))).toBeUndefined();
  expect(decodeNote(Buffer.from('\0{'))).toBeUndefined();
});
