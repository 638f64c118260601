/**
 * The closed set of error codes (docs/errors.md is generated from this table). A code never changes its meaning; new ones
 * may be added. `http` is the status of the RFC 9457 problem, `ble` the byte of a status message (docs/protocol.md §4.4).
 */
import { clientErrors } from './client-errors.js';
import type { ErrorEntry } from './error-entry.js';
import { serverErrors } from './server-errors.js';
import { touchpointErrors } from './touchpoint-errors.js';

export type { ErrorEntry } from './error-entry.js';

const table = { ...serverErrors, ...touchpointErrors, ...clientErrors };

/** A stable code: what programs switch on. */
export type ErrorCode = keyof typeof table;

export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = table;

export const errorCodes = Object.keys(table) as readonly ErrorCode[];

const byBleStatus = new Map<number, ErrorCode>();
for (const code of errorCodes) {
  const { ble } = errorTable[code];
  if (ble !== undefined) byBleStatus.set(ble, code);
}

/** The code behind the byte of a status message, or undefined for a byte that this version does not know. */
export function errorCodeOfBleStatus(status: number): ErrorCode | undefined {
  return byBleStatus.get(status);
}

/** True for a string that is one of the codes; for what comes from outside. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(table, value);
}
