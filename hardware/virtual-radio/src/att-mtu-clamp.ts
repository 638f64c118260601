// Lowers the ATT MTU that either end names in its Exchange MTU request or response (Core specification, Vol 3
// Part F, 3.4.2): so unmodified hosts run at any MTU, as if one of the two were a phone that offers no more.

const L2CAP_HEADER_BYTES = 4;
const ATT_CHANNEL = 0x0004;
const ATT_EXCHANGE_MTU_REQUEST = 0x02;
const ATT_EXCHANGE_MTU_RESPONSE = 0x03;
const EXCHANGE_BYTES = 3;

/** `frame`: an L2CAP frame or its beginning. Returns it, changed where it names a larger MTU than `mtuMax`. */
export function clampAttMtu(frame: Buffer, mtuMax: number): Buffer {
  if (frame.length !== L2CAP_HEADER_BYTES + EXCHANGE_BYTES) return frame;
  if (frame.readUInt16LE(2) !== ATT_CHANNEL) return frame;
  const opcode = frame[L2CAP_HEADER_BYTES];
  if (opcode !== ATT_EXCHANGE_MTU_REQUEST && opcode !== ATT_EXCHANGE_MTU_RESPONSE) return frame;
  const clamped = Buffer.from(frame);
  clamped.writeUInt16LE(Math.min(frame.readUInt16LE(5), mtuMax), 5);
  return clamped;
}
