/** A decision of the server for people: in a cell of a table, and as a line of its own. */
import { formatAmount } from '../decision/format-amount.js';
import { type GrantView, ProgrammeView } from '../http/admin-schemas.js';
import { refusalCount } from '../http/refusal-count.js';
import type { TextSink } from './command-context.js';
import { formatInstant } from './format-instant.js';
import { printable } from './printable.js';
import type { Session } from './session.js';
import { styleOf } from './style.js';

/** In which the decisions of a programme are shown. */
export async function fetchCurrency({ client, route }: Session): Promise<string> {
  return (await client.call({ path: route('') }, ProgrammeView)).currency;
}

function holdText({ hold }: GrantView): string | undefined {
  if (hold === undefined || hold.state === 'spent') return undefined;
  return hold.state === 'released' ? 'released' : `held until ${formatInstant(hold.endsAt)}`;
}

function partText({ amountMinor, awardedMinor = amountMinor }: GrantView, currency?: string) {
  if (awardedMinor === amountMinor) return undefined;
  return currency === undefined
    ? `${awardedMinor} of ${amountMinor} (minor units)`
    : `${formatAmount(awardedMinor, currency)} of ${formatAmount(amountMinor, currency)}`;
}

function grantText(grant: GrantView, currency?: string): string {
  const part = partText(grant, currency);
  const parts = ['granted', part, holdText(grant), grant.receipt?.outcome];
  return parts.filter((text) => text !== undefined).join(', ');
}

/**
 * `granted, 1.20 EUR of 2.50 EUR, actuated` or `refused: once a week for each shopper 1/1`
 * @param currency minor units where it is not known
 */
export function decisionResult(grant: GrantView, currency?: string): string {
  if (grant.granted) return grantText(grant, currency);
  const { rule = grant.code ?? 'unknown rule', used = 0, maximum = 0 } = grant;
  return `refused: ${rule}${maximum === 0 ? '' : ` ${refusalCount(rule, used, maximum, '/')}`}`;
}

/** One line; on a terminal that is too narrow for it, broken between its parts, so that ids stay whole. */
export function renderGrantLine(sink: TextSink, grant: GrantView, currency: string): string {
  const style = styleOf(sink);
  const paint = grant.granted ? style.green : style.red;
  const parts: readonly (readonly [text: string, paint: (text: string) => string])[] = [
    [formatInstant(grant.at), style.dim],
    [printable(grant.offer).padEnd(16), String],
    [printable(grant.touchpoint).padEnd(12), String],
    [printable(decisionResult(grant, currency)), paint],
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
