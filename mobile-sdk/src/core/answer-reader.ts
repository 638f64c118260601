/** Reads one JSON answer of the server field by field, each with its type and bound: nothing unchecked gets past here. */
import { base64urlToBytes } from '@tapseal/shared/bytes';
import { type ErrorCode, isErrorCode } from '@tapseal/shared/error-codes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { TEXT_CHARS_MAX } from './limits.js';

export class AnswerReader {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #kind: string;

  /** @throws TapsealError server_answer_invalid unless `json` is an object; so does every method for its field. */
  constructor(kind: string, json: unknown) {
    this.#kind = kind;
    if (typeof json !== 'object' || json === null || Array.isArray(json)) this.#fail('object');
    this.#fields = json as Readonly<Record<string, unknown>>;
  }

  has(name: string): boolean {
    return this.#fields[name] !== undefined;
  }

  text(name: string, charsMax = TEXT_CHARS_MAX): string {
    const value = this.#fields[name];
    if (typeof value !== 'string' || value.length > charsMax) this.#fail(name);
    return value;
  }

  hex(name: string, bytes: number): string {
    const value = this.text(name, bytes * 2);
    if (value.length !== bytes * 2 || !/^[0-9a-f]+$/.test(value)) this.#fail(name);
    return value;
  }

  bytes(name: string, bytesMin: number, bytesMax: number): Uint8Array {
    const value = base64urlToBytes(this.text(name, Math.ceil((bytesMax * 4) / 3)), bytesMax);
    if (value === undefined || value.length < bytesMin) this.#fail(name);
    return value;
  }

  uint(name: string, max: number): number {
    const value = this.#fields[name];
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > max) this.#fail(name);
    return value as number;
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    if (typeof value !== 'boolean') this.#fail(name);
    return value;
  }

  code(name: string): ErrorCode {
    const value = this.#fields[name];
    if (!isErrorCode(value)) this.#fail(name);
    return value;
  }

  /** RFC 3339 in UTC, as text: only a screen reads it. */
  instant(name: string): string {
    const value = this.text(name, 40);
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value)) this.#fail(name);
    return value;
  }

  object(name: string): AnswerReader {
    return new AnswerReader(`${this.#kind}.${name}`, this.#fields[name]);
  }

  list(name: string, countMax: number): readonly unknown[] {
    const value = this.#fields[name];
    if (!Array.isArray(value) || value.length > countMax) this.#fail(name);
    return value as readonly unknown[];
  }

  #fail(name: string): never {
    throw new TapsealError('server_answer_invalid', `${this.#kind}: ${name}`);
  }
}
