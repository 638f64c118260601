/** Values on their way to PostgreSQL and back: numbers are safe integers, bytes are plain bytes, NULL becomes undefined. */
import pg from 'pg';

const INT8 = 20;
const BYTEA = 17;

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

/** As an array of BIGINT: whole numbers need no quotes. */
export function integers(values: readonly (number | bigint | null | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** 0, 1, 2 …: to tell which row of an answer belongs to which question. */
export function positions(count: number): string {
  return integers(Array.from({ length: count }, (_, index) => index));
}
