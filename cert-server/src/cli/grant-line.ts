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

/** One line; on a terminal that is too narrow for it, broken between its parts, so that ids stay whole. */
export function renderGrantLine(sink: TextSink, grant: GrantView): string {
  const style = styleOf(sink);
  const paint = grant.granted ? style.green : style.red;
  const parts: readonly (readonly [text: string, paint: (text: string) => string])[] = [
    [formatInstant(grant.at), style.dim],
    [printable(grant.offer).padEnd(16), String],
    [printable(grant.touchpoint).padEnd(12), String],
    [printable(decisionResult(grant)), paint],
    [grant.transactionId, style.dim],
  ];
  const columns = sink.isTTY ? (sink.columns ?? 80) : Number.POSITIVE_INFINITY;
  let line = '';
  let length = 0;
  for (const [text, painted] of parts) {
    const fits = length + 2 + text.trimEnd().length <= columns;
    if (length > 0) line += fits ? '  ' : '\n  ';
    length = length > 0 && fits ? length + 2 + text.length : text.length + (length > 0 ? 2 : 0);
    line += painted(text);
  }
  return line;
}
