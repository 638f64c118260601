/** What the two smoke processes agree on: one service that answers each write with its SHA-256, and has a long value to read. */
import { createHash } from 'node:crypto';

export const serviceUuid = '7a1d0001c4f94c3b9a3e5f0d2b6e8c11';
export const questionUuid = '7a1d0002c4f94c3b9a3e5f0d2b6e8c11';
export const answerUuid = '7a1d0003c4f94c3b9a3e5f0d2b6e8c11';
export const longValueUuid = '7a1d0004c4f94c3b9a3e5f0d2b6e8c11';

/** Longer than any MTU that is negotiated, so that reading it takes several packets. */
export const longValue: Buffer = Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 7) % 251));

/** The notification that answers a write. */
export function answerTo(question: Buffer): Buffer {
  return createHash('sha256').update(question).digest();
}
