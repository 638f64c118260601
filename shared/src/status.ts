/**
 * Status (docs/protocol.md §4.4): T → P, one byte: 0 for an installed manifest, else the code of an error.
 * It is a courtesy and not signed: a phone believes receipts, not statuses.
 */
import { type ErrorCode, errorCodeOfBleStatus, errorTable } from './error-codes.js';
import { TapsealError } from './tapseal-error.js';

export type Status = 'manifest_installed' | ErrorCode;

const MANIFEST_INSTALLED = 0x00;

export function encodeStatus(status: Status): Uint8Array {
  if (status === 'manifest_installed') return Uint8Array.of(MANIFEST_INSTALLED);
  // A code without a byte of its own is one that a box never raises towards a phone.
  const byte = errorTable[status].ble ?? errorTable.internal_error.ble ?? 0x05;
  return Uint8Array.of(byte);
}

/** @throws TapsealError message_malformed */
export function decodeStatus(body: Uint8Array): Status {
  const [byte] = body;
  if (body.length !== 1 || byte === undefined) throw new TapsealError('message_malformed', 'status');
  if (byte === MANIFEST_INSTALLED) return 'manifest_installed';
  const code = errorCodeOfBleStatus(byte);
  if (code === undefined) throw new TapsealError('message_malformed', 'status');
  return code;
}
