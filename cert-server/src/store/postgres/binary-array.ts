/**
 * Arrays in PostgreSQL's binary format (array_send in its sources): as text, each byte string is written in hexadecimal, quoted
 * and escaped here and read back there, and a batch has a thousand of them. All integers are big-endian:
 * dimensions, has-nulls, element type; then for the one dimension its length and lower bound; then each element as its length
 * (−1: NULL) and its bytes.
 */
export const INT8 = 20;
export const BYTEA = 17;
const TEXT = 25;

const EMPTY_BYTES = 12;
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;
const INT8_BYTES = 8;
const HIGH_WORD = 2 ** 32;

type Absent = null | undefined;

function writeHead(to: Buffer, type: number, count: number, hasNulls: boolean): void {
  to.writeInt32BE(1, 0);
  to.writeInt32BE(hasNulls ? 1 : 0, 4);
  to.writeInt32BE(type, 8);
  to.writeInt32BE(count, 12);
  to.writeInt32BE(1, 16);
}

function emptyArray(type: number): Buffer {
  const empty = Buffer.alloc(EMPTY_BYTES);
  empty.writeInt32BE(type, 8);
  return empty;
}

/** @param writeElement writes at an offset what `lengths` says it has */
function binaryArray(
  type: number,
  lengths: readonly number[],
  writeElement: (to: Buffer, at: number, index: number) => void,
): Buffer {
  if (lengths.length === 0) return emptyArray(type);
  let [size, hasNulls] = [HEAD_BYTES, false];
  for (const length of lengths) {
    size += LENGTH_BYTES + Math.max(length, 0);
    hasNulls ||= length < 0;
  }
  const array = Buffer.allocUnsafe(size);
  writeHead(array, type, lengths.length, hasNulls);
  let at = HEAD_BYTES;
  lengths.forEach((length, index) => {
    at = array.writeInt32BE(length, at);
    if (length < 0) return;
    writeElement(array, at, index);
    at += length;
  });
  return array;
}

function writeInt8(to: Buffer, at: number, value: number | bigint): void {
  if (typeof value === 'bigint') {
    to.writeBigInt64BE(value, at);
    return;
  }
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no safe integer`);
  to.writeInt32BE(Math.floor(value / HIGH_WORD), at);
  to.writeInt32BE(value | 0, at + 4);
}

/** BIGINT[]. @throws RangeError for what is no integer, or does not fit 64 bits */
export function int8Array(values: readonly (number | bigint | Absent)[]): Buffer {
  const lengths = values.map((value) => (value === null || value === undefined ? -1 : INT8_BYTES));
  return binaryArray(INT8, lengths, (to, at, index) => writeInt8(to, at, values[index] ?? 0));
}

/** BYTEA[]. */
export function byteaArray(values: readonly (Uint8Array | Absent)[]): Buffer {
  const lengths = values.map((value) => value?.length ?? -1);
  return binaryArray(BYTEA, lengths, (to, at, index) => to.set(values[index] ?? [], at));
}

/** TEXT[], in UTF-8. */
export function textArray(values: readonly (string | Absent)[]): Buffer {
  const lengths = values.map((value) =>
    value === null || value === undefined ? -1 : Buffer.byteLength(value),
  );
  return binaryArray(TEXT, lengths, (to, at, index) => to.write(values[index] ?? '', at));
}
