import { type ErrorCode, errorTable, isErrorCode } from './error-codes.js';

/**
 * The one error class. Callers switch on `code`; `message` says what happened, `advice` what to do.
 * `detail` names the field or step at fault and never holds a secret or personal data.
 */
export class TapsealError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { cause?: unknown }) {
    const { title } = errorTable[code];
    super(detail === undefined ? title : `${title} (${detail})`, options);
    this.name = 'TapsealError';
    this.code = code;
    this.detail = detail;
  }

  get advice(): string {
    return errorTable[this.code].advice;
  }
}

/** Tells by shape, not by `instanceof`: two copies of this package may meet in one app. */
export function isTapsealError(value: unknown): value is TapsealError {
  return (
    value instanceof Error && value.name === 'TapsealError' && 'code' in value && isErrorCode(value.code)
  );
}
