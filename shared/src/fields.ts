/**
 * Reads the fields of a decoded CBOR array one by one, in order, each with its type and bound. Every object of the protocol
 * is an array of a fixed length: an unknown field is a wrong length.
 */
import { NAME_PATTERN } from './bounds.js';
import { utf8 } from './bytes.js';
import { TapsealError } from './tapseal-error.js';

const namePattern = new RegExp(NAME_PATTERN);

export class FieldReader {
  readonly #values: readonly unknown[];
  readonly #kind: string;
  #next = 0;

  /** @throws TapsealError message_malformed unless `value` is an array of exactly `count` items. */
  constructor(kind: string, value: unknown, count: number) {
    this.#kind = kind;
    if (!Array.isArray(value) || value.length !== count) this.#fail(`array of ${count}`);
    this.#values = value as readonly unknown[];
  }

  bytes(name: string, length: number): Uint8Array {
    return this.bytesBetween(name, length, length);
  }

  bytesBetween(name: string, lengthMin: number, lengthMax: number): Uint8Array {
    const value = this.#take();
    if (!(value instanceof Uint8Array) || value.length < lengthMin || value.length > lengthMax)
      this.#fail(name);
    return value as Uint8Array;
  }

  uint(name: string, max: number, min = 0): number {
    const value = this.#take();
    if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) this.#fail(name);
    return value as number;
  }

  /** @param bytesMax bound of the text as UTF-8 */
  text(name: string, bytesMax: number): string {
    const value = this.#take();
    if (typeof value !== 'string' || utf8(value).length > bytesMax) this.#fail(name);
    return value as string;
  }

  /** A name of a programme or an offer. */
  name(name: string): string {
    const value = this.#take();
    if (typeof value !== 'string' || !namePattern.test(value)) this.#fail(name);
    return value as string;
  }

  array(name: string, countMax: number): readonly unknown[] {
    const value = this.#take();
    if (!Array.isArray(value) || value.length > countMax) this.#fail(name);
    return value as readonly unknown[];
  }

  emptyMap(name: string): void {
    const value = this.#take();
    if (!(value instanceof Map) || value.size !== 0) this.#fail(name);
  }

  #take(): unknown {
    return this.#values[this.#next++];
  }

  #fail(name: string): never {
    throw new TapsealError('message_malformed', `${this.#kind}: ${name}`);
  }
}

/** Asserts a bound before an object of ours is encoded, so that a fault shows where it is made. */
export function assertUint(name: string, value: number, max: number, min = 0): void {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new RangeError(`${name} must be an integer from ${min} to ${max}`);
}

export function assertBytes(name: string, value: Uint8Array, length: number): void {
  if (value.length !== length) throw new RangeError(`${name} must have ${length} bytes, not ${value.length}`);
}

/** @param bytesMax bound of the text as UTF-8 */
export function assertText(name: string, value: string, bytesMax: number): void {
  if (utf8(value).length > bytesMax) throw new RangeError(`${name} must have at most ${bytesMax} bytes`);
}

export function assertName(name: string, value: string): void {
  if (!namePattern.test(value))
    throw new RangeError(`${name} must be a name: lower-case letters, digits, hyphens`);
}
