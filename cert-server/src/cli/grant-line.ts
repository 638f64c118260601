/** A decision of the server for people: in a cell of a table, and as a line of its own. */
import type { GrantView } from '../http/admin-schemas.js';
import type { TextSink } from './command-context.js';
import { formatInstant } from './format-instant.js';
import { printable } from './printable.js';
import { styleOf } from './style.js';

/** `granted, actuated` or `refused: per shopper, week 1/1` */
export function decisionResult(grant: GrantView): string {
  if (grant.granted) return grant.receipt === undefined ? 'granted' : `granted, ${grant.receipt.outcome}`;
  const count = grant.maximum ? ` ${grant.used ?? 0}/${grant.maximum}` : '';
  return `refused: ${grant.rule ?? grant.code ?? 'unknown rule'}${count}`;
}

export function renderGrantLine(sink: TextSink, grant: GrantView): string {
  const style = styleOf(sink);
  const result = printable(decisionResult(grant));
  return [
    style.dim(formatInstant(grant.at)),
    printable(grant.offer).padEnd(16),
    printable(grant.touchpoint).padEnd(12),
    grant.granted ? style.green(result) : style.red(result),
    style.dim(grant.transactionId),
  ].join('  ');
}
