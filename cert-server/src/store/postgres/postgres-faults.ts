/** What PostgreSQL answers, as three kinds: somebody else was faster, it cannot be asked now, or the statement is at fault. */
import { isDatabaseOutage } from '../database-fault.js';

/** Serialization failure, deadlock, unique violation: the same transaction may succeed on what is there now. */
const conflict = /^(40001|40P01|23505)$/;
/** Cancelled by a time limit, a lock that was not to be had, a server that takes no writes. */
const busy = /^(57014|25P0[34]|55P03|25006)$/;
const busyText = /^(Query read timeout|Client was closed|Cannot use a pool after calling end)/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** No connection was to be had: nothing was asked. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('the database cannot be reached', { cause });
  }
}

export function isConflict(error: unknown): boolean {
  return conflict.test(codeOf(error));
}

/** The database cannot be asked, or not in time. Whether a commit that was under way took effect is not known. */
export function isOutage(error: unknown): boolean {
  if (error instanceof Unreachable || isDatabaseOutage(error) || busy.test(codeOf(error))) return true;
  return error instanceof Error && busyText.test(error.message);
}
