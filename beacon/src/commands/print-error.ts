/** One way to say what went wrong: what happened, what to do, and never a stack. */
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import { ConfigError, faultLine } from '../config/config-faults.js';
import { exitCodeOf } from './exit-codes.js';

/** @returns the exit code */
export function printError(error: unknown, json: boolean, write: (text: string) => void): number {
  const known = isTapsealError(error)
    ? error
    : new TapsealError('internal_error', error instanceof Error ? error.message : String(error));
  if (json) {
    const faults = known instanceof ConfigError ? { faults: known.faults } : {};
    const { code, message, advice } = known;
    write(`${JSON.stringify({ event: 'error', code, message, advice, ...faults })}\n`);
  } else if (known instanceof ConfigError) {
    write(known.faults.map((fault) => `${faultLine(known.file, fault)}\n`).join(''));
  } else {
    write(`tapseal-beacon: ${known.message}\n${known.advice}\n`);
  }
  return exitCodeOf(known.code);
}
