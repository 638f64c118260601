/** Values on their way to PostgreSQL and back: numbers are safe integers, bytes are plain bytes, NULL becomes undefined. */
import pg from 'pg';
import { BYTEA, byteaArray, INT8, int8Array, textArray } from './binary-array.js';

function integerOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError('the database holds a number that is no safe integer');
  return value;
}

function bytesOf(text: string): Uint8Array {
  if (!text.startsWith('\\x'))
    throw new RangeError('the database gives bytes in a form that is not hexadecimal');
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

/** Of one connection, so that nothing else in the process reads its numbers otherwise. */
export const rowTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary' && oid === INT8) return integerOf;
    if (format !== 'binary' && oid === BYTEA) return bytesOf;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

/** 0, 1, 2 …: to tell which row of an answer belongs to which question. */
export function positions(count: number): Buffer {
  return int8Array(Array.from({ length: count }, (_, index) => index));
}

/** A value as it is sent: lists of strings or of bytes become arrays of TEXT or BYTEA. */
export function parameterOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const first = value.find((element) => element !== null && element !== undefined);
  if (typeof first === 'string') return textArray(value);
  if (first instanceof Uint8Array) return byteaArray(value);
  if (first !== undefined) throw new TypeError(`there are no arrays of ${typeof first}`);
  // Of any type, which only the text format can leave open.
  return `{${value.map(() => 'NULL').join(',')}}`;
}
