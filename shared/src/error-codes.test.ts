import { describe, expect, test } from 'vitest';
import { REFUSAL_CODE_BYTES_MAX } from './bounds.js';
import { clientErrors } from './client-errors.js';
import { errorCodeOfBleStatus, errorCodes, errorTable, isErrorCode } from './error-codes.js';
import { outcomeOf } from './objects.contract.js';
import { serverErrors } from './server-errors.js';
import { decodeStatus, encodeStatus } from './status.js';
import { isTapsealError, TapsealError } from './tapseal-error.js';
import { touchpointErrors } from './touchpoint-errors.js';

describe('the table of errors', () => {
  test('no code stands in two of its parts', () => {
    const parts = [serverErrors, touchpointErrors, clientErrors].flatMap((part) => Object.keys(part));
    expect(parts).toEqual([...errorCodes]);
    expect(new Set(parts).size).toBe(parts.length);
  });

  test.each(errorCodes)('%s says what happened and what to do', (code) => {
    const { by, title, advice, http, ble } = errorTable[code];
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(code.length).toBeLessThanOrEqual(REFUSAL_CODE_BYTES_MAX);
    for (const sentence of [title, advice]) expect(sentence).toMatch(/^[A-Z].*\.$/);
    // Verdicts on single receipts stand in a good answer, and have no status of their own.
    const isProblem = by.some((party) => party === 'server') && !code.startsWith('receipt_');
    expect(http !== undefined).toBe(isProblem);
    if (http !== undefined) expect(http >= 400 && http <= 599).toBe(true);
    if (ble !== undefined) expect(Number.isInteger(ble) && ble >= 1 && ble <= 255).toBe(true);
  });

  test('no status byte means two things', () => {
    const bytes = errorCodes.flatMap((code) => errorTable[code].ble ?? []);
    expect(new Set(bytes).size).toBe(bytes.length);
  });

  test('knows its codes, and no others', () => {
    expect(isErrorCode('limit_reached')).toBe(true);
    for (const value of ['', 'toString', '__proto__', 'nope', 7, null, undefined])
      expect(isErrorCode(value)).toBe(false);
  });
});

describe('status', () => {
  test.each(errorCodes.filter((code) => errorTable[code].ble !== undefined))('%s comes and goes', (code) => {
    expect(decodeStatus(encodeStatus(code))).toBe(code);
    expect(errorCodeOfBleStatus(encodeStatus(code)[0] ?? 0)).toBe(code);
  });

  test('an installed manifest is 0', () => {
    expect(encodeStatus('manifest_installed')).toEqual(Uint8Array.of(0));
    expect(decodeStatus(Uint8Array.of(0))).toBe('manifest_installed');
  });

  test('a code without a byte of its own becomes internal_error', () => {
    expect(decodeStatus(encodeStatus('limit_reached'))).toBe('internal_error');
  });

  test('refuses a byte that means nothing, none, and two', async () => {
    for (const body of [[0xff], [], [0, 0]])
      expect(await outcomeOf(() => decodeStatus(Uint8Array.from(body)))).toBe('message_malformed');
  });
});

describe('TapsealError', () => {
  test('carries its code, a sentence, and what to do', () => {
    const error = new TapsealError('voucher_used', 'detail');
    expect(error.code).toBe('voucher_used');
    expect(error.message).toBe('The transaction of the voucher has already been served. (detail)');
    expect(error.advice).toBe(errorTable.voucher_used.advice);
  });

  test('is told by its shape, across copies of the package', () => {
    const copy = Object.assign(new Error('x'), { name: 'TapsealError', code: 'voucher_used' });
    expect(isTapsealError(copy)).toBe(true);
    expect(isTapsealError(Object.assign(new Error('x'), { name: 'TapsealError', code: 'EIO' }))).toBe(false);
    for (const value of [new Error('x'), null, 'voucher_used', { code: 'voucher_used' }])
      expect(isTapsealError(value)).toBe(false);
  });
});
