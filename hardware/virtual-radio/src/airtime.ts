// How long packets occupy the air on the LE 1M PHY (Core specification, Vol 6 Part B, 2.1 and 4.1).

/** Inter frame space: between a packet and the answer to it. */
export const INTER_FRAME_SPACE_MS = 0.15;

/** Preamble 1, access address 4, header 2, CRC 3 bytes around every payload; 8 µs a byte. */
export function airtimeMs(payloadBytes: number): number {
  return (10 + payloadBytes) * 0.008;
}
