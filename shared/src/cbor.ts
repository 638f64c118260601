/**
 * Deterministic CBOR (RFC 8949 §4.2), strict in both directions, for the few types that the protocol uses: integers, byte
 * strings, text, arrays, maps with integer keys, false, true and null. Every other item, and every second way to write one of
 * these, has no code that would read it. Written here because of decision 014; held against cborg in cbor.test.ts.
 */
import { copyBytes, utf8 } from './bytes.js';
import { TapsealError } from './tapseal-error.js';

export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<number, CborValue>;

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
/** Initial bytes of the simple values. */
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
/** No object of the protocol is deeper than four. */
const DEPTH_MAX = 8;
const UINT32_SPAN = 0x1_0000_0000;

/** Where items are put together before they are copied out: longer than any object but the manifest. */
const scratch = new Uint8Array(1_024);

/** Lives only while one value is encoded, which nothing can interrupt: so all of them may share the scratch. */
class Writer {
  #bytes = scratch;
  #length = 0;

  head(major: number, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError('not an integer that CBOR carries here');
    this.#reserve(9);
    const type = major << 5;
    if (value < 24) {
      this.#bytes[this.#length++] = type | value;
    } else if (value < 0x100) {
      this.#bytes[this.#length++] = type | 24;
      this.#bytes[this.#length++] = value;
    } else if (value < 0x1_0000) {
      this.#bytes[this.#length++] = type | 25;
      this.#bytes[this.#length++] = value >> 8;
      this.#bytes[this.#length++] = value;
    } else if (value < UINT32_SPAN) {
      this.#bytes[this.#length++] = type | 26;
      this.#uint32(value);
    } else {
      this.#bytes[this.#length++] = type | 27;
      this.#uint32(Math.floor(value / UINT32_SPAN));
      this.#uint32(value % UINT32_SPAN);
    }
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  simple(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  finish(): Uint8Array {
    return copyBytes(this.#bytes, 0, this.#length);
  }

  #uint32(value: number): void {
    this.#bytes[this.#length++] = value >>> 24;
    this.#bytes[this.#length++] = value >>> 16;
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const longer = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    longer.set(this.#bytes);
    this.#bytes = longer;
  }
}

/** Bytewise order of encoded keys (§4.2.1): 0, 1, 2 …, then −1, −2 …. Negative where `a` comes first. */
function compareKeys(a: number, b: number): number {
  if (a >= 0 !== b >= 0) return a >= 0 ? -1 : 1;
  return a >= 0 ? a - b : b - a;
}

function write(writer: Writer, value: CborValue): void {
  if (typeof value === 'number') {
    if (value >= 0) writer.head(UNSIGNED, value);
    else writer.head(NEGATIVE, -1 - value);
  } else if (typeof value === 'string') {
    const bytes = utf8(value);
    writer.head(TEXT, bytes.length);
    writer.raw(bytes);
  } else if (value instanceof Uint8Array) {
    writer.head(BYTES, value.length);
    writer.raw(value);
  } else if (value === null || typeof value === 'boolean') {
    writer.simple(value === null ? NULL : value ? TRUE : FALSE);
  } else if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<number, CborValue>)];
    entries.sort(([a], [b]) => compareKeys(a, b));
    writer.head(MAP, entries.length);
    for (const [key, item] of entries) {
      write(writer, key);
      write(writer, item);
    }
  } else {
    const items = value as readonly CborValue[];
    writer.head(ARRAY, items.length);
    for (const item of items) write(writer, item);
  }
}

/** @throws RangeError for a number that is no safe integer: a fault of ours */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new Writer();
  write(writer, value);
  return writer.finish();
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): CborValue {
    const initial = this.#byte();
    if (initial === FALSE || initial === TRUE) return initial === TRUE;
    if (initial === NULL) return null;
    const argument = this.#argument(initial & 0x1f);
    switch (initial >> 5) {
      case UNSIGNED:
        return argument;
      case NEGATIVE:
        // −2^53 would be the first that is no safe integer.
        if (argument === Number.MAX_SAFE_INTEGER) throw new Error('a negative number out of range');
        return -1 - argument;
      case BYTES:
        return this.#take(argument);
      case TEXT:
        return textOf(this.#take(argument));
      case ARRAY:
        return this.#array(argument, depth);
      case MAP:
        return this.#map(argument, depth);
      default:
        throw new Error('a tag, a float or a simple value');
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('cut short');
    this.#at += 1;
    return byte;
  }

  /** Only the shortest form is read (§4.2.1); indefinite lengths and reserved values have none. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new Error('an indefinite length or a reserved value');
    const count = 1 << (info - 24);
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 0x100 + this.#byte();
    const min = info === 24 ? 24 : info === 25 ? 0x100 : info === 26 ? 0x1_0000 : UINT32_SPAN;
    if (value < min || !Number.isSafeInteger(value))
      throw new Error('a number that is too long or too large');
    return value;
  }

  #take(length: number): Uint8Array {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new Error('cut short');
    this.#at = start + length;
    // A copy: the caller's buffer may be reused for the next packet.
    return copyBytes(this.#bytes, start, this.#at);
  }

  #array(count: number, depth: number): CborValue[] {
    this.#assertFits(count, depth);
    const items: CborValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1));
    return items;
  }

  #map(count: number, depth: number): Map<number, CborValue> {
    this.#assertFits(2 * count, depth);
    const map = new Map<number, CborValue>();
    let last: number | undefined;
    for (let i = 0; i < count; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'number' || (last !== undefined && compareKeys(last, key) >= 0))
        throw new Error('keys not integers, in order, once');
      last = key;
      map.set(key, this.value(depth + 1));
    }
    return map;
  }

  /** An item has at least one byte: a count beyond the bytes that are left is refused before anything is made of it. */
  #assertFits(count: number, depth: number): void {
    if (depth >= DEPTH_MAX || count > this.#bytes.length - this.#at) throw new Error('too deep or cut short');
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte >= 0x80) return unicodeTextOf(bytes);
    text += String.fromCharCode(byte);
  }
  return text;
}

function unicodeTextOf(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  // Nothing that is shown to a shopper begins with a mark that cannot be seen.
  if (text.startsWith('\ufeff')) throw new Error('a byte order mark');
  return text;
}

/**
 * Decodes one whole item. The caller has bounded `bytes` by its kind. What decodes has exactly one encoding: the one it had.
 * @throws TapsealError message_malformed
 */
export function decodeCbor(bytes: Uint8Array): unknown {
  try {
    const reader = new Reader(bytes);
    const value = reader.value(0);
    if (!reader.isAtEnd) throw new Error('trailing bytes');
    return value;
  } catch (cause) {
    throw new TapsealError('message_malformed', 'CBOR', { cause });
  }
}
