/** What a shopper would get now, in sentences: for `offer explain` and `offer dry-run`. */
import { formatAmount } from '../decision/format-amount.js';
import { Explanation } from '../http/offer-schemas.js';
import { refusalCount } from '../http/refusal-count.js';
import { formatInstant } from './format-instant.js';
import { formatLabels } from './rules/label-text.js';
import type { Session } from './session.js';

export type ExplainOptions = { readonly shopper?: string; readonly touchpoint?: string };

export function fetchExplanation(
  session: Session,
  offer: string,
  { shopper, touchpoint }: ExplainOptions,
): Promise<Explanation> {
  const path = session.route(`/offers/${offer}/explanation`);
  return session.client.call({ path, query: { shopper, touchpoint } }, Explanation);
}

function labelled(name: string, labels: Explanation['shopperLabels']): string {
  const text = formatLabels(labels);
  return text === '' ? name : `${name} (${text})`;
}

/** `free-coffee, version 2, for 0f8a5c2e9b7d41360f8a5c2e (tier=gold) at lobby-1, 2026-06-10 10:30:00 +02:00` */
export function explanationHeading(explanation: Explanation): string {
  const { offer, version, shopper, shopperLabels, touchpoint, touchpointLabels, at, timeZone } = explanation;
  const who = shopper === undefined ? 'somebody new' : labelled(shopper, shopperLabels);
  const where = labelled(touchpoint, touchpointLabels);
  return `${offer}, version ${version}, for ${who} at ${where}, ${formatInstant(at, timeZone)}`;
}

/**
 * Of the rule that refuses now, and no more: by then the offer can be over or closed, or another limit full.
 * `This rule resets at 2026-06-15 00:00:00 +02:00; others may still refuse then.`
 */
function againSentence({ verdict, window, limits, timeZone }: Explanation): string {
  if (verdict.resetsAt === undefined) return '';
  const at = formatInstant(verdict.resetsAt, timeZone);
  if (!window.open) {
    return ` It opens next at ${at}${limits.length === 0 ? '' : '; limits may still refuse then'}.`;
  }
  const isOnly = limits.length === 1 && window.sentence === 'at all times';
  return ` This rule resets at ${at}${isOnly ? '' : '; others may still refuse then'}.`;
}

/** `Refused now: once a week for each shopper, 1 of 1 used. This rule resets at 2026-06-15 00:00:00 +02:00.` */
export function verdictSentence(explanation: Explanation): string {
  const { verdict, amountMinor, currency, timeZone } = explanation;
  if (verdict.granted) {
    const { awardedMinor = amountMinor, holdEndsAt } = verdict;
    const part =
      awardedMinor < amountMinor
        ? `, for ${formatAmount(awardedMinor, currency)} of ${formatAmount(amountMinor, currency)}`
        : '';
    const hold =
      holdEndsAt === undefined
        ? ''
        : ` Its place would be held until ${formatInstant(holdEndsAt, timeZone)}, and counted when the box confirms.`;
    return `Granted now${part}.${hold}`;
  }
  const { rule = verdict.code ?? 'unknown rule', used = 0, maximum = 0 } = verdict;
  const count = maximum === 0 ? '' : `, ${refusalCount(rule, used, maximum, ' of ')} used`;
  return `Refused now: ${rule}${count}.${againSentence(explanation)}`;
}

/** `Closed now; open only from 08:00 until 12:00 (Europe/Berlin), next on 2026-06-11 08:00:00 +02:00.` */
export function windowSentence({ window, timeZone }: Explanation): string {
  if (window.open) return `Open now: ${window.sentence}.`;
  const next =
    window.resetsAt === undefined ? '' : `; opens next at ${formatInstant(window.resetsAt, timeZone)}`;
  return `Closed now: ${window.sentence}${next}.`;
}
