/**
 * A row of an export as one line of JSON: the name of its table, then its columns; bytes as base64url without padding, and longs
 * that are no safe integers as their digits.
 */
import { base64urlToBytes, bytesToBase64url } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { PortableColumn, PortableRow, PortableTable, PortableValue } from './portable-tables.js';

/** No value that a store keeps comes near it. */
const VALUE_BYTES_MAX = 1_048_576;

/** PostgreSQL takes no NUL, and a lone surrogate is no UTF-8: either would be another text there. No API lets them in. */
const FOREIGN_TEXT = /[\0\p{Surrogate}]/u;

/** Rows have one form: whoever writes the same row again writes the same bytes. */
export function encodeRow(table: PortableTable, row: PortableRow): string {
  const values = row.map((value, index) => {
    const column = table.columns[index];
    if (column === undefined || !fits(column, value)) {
      throw new Error(`${table.name}.${column?.name ?? index} holds a value that an export cannot carry`);
    }
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? bytesToBase64url(value) : value;
  });
  return `${JSON.stringify([table.name, ...values])}\n`;
}

function fits({ type, nullable }: PortableColumn, value: PortableValue): boolean {
  if (value === null) return nullable;
  if (type === 'text') return typeof value === 'string' && !FOREIGN_TEXT.test(value);
  if (type === 'long' && typeof value === 'bigint') return true;
  return type === 'bytes' ? value instanceof Uint8Array : Number.isSafeInteger(value);
}

/** @throws TapsealError usage_invalid */
export function decodeRow(table: PortableTable, values: readonly unknown[]): PortableRow {
  if (values.length !== table.columns.length) throw faultOf(table.name);
  return table.columns.map((column, index) => {
    const value = values[index];
    const read = readValue(column, value);
    // What is no base64url became null, which is no value here.
    if (!fits(column, read) || (read === null && value !== null))
      throw faultOf(`${table.name}.${column.name}`);
    return read;
  });
}

function readValue({ type }: PortableColumn, value: unknown): PortableValue {
  if (typeof value !== 'string' || type === 'text') return value as PortableValue;
  if (type === 'bytes') return base64urlToBytes(value, VALUE_BYTES_MAX) ?? null;
  return type === 'long' && /^[0-9]{16,19}$/.test(value) ? longOf(value) : null;
}

/** @param digits as a store gives them */
export function longOf(digits: string): number | bigint {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

function faultOf(where: string): TapsealError {
  return new TapsealError('usage_invalid', `the export has a row whose ${where} is none`);
}
