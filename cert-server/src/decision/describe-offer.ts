/** All rules of an offer in one sentence that a venue manager understands. */
import { describeCooldown, describeLimit } from './describe-limit.js';
import { openingPhrases } from './describe-windows.js';
import { durationInWords } from './duration-in-words.js';
import { listInWords } from './list-in-words.js';
import type { OfferVersion } from './offer.js';
import type { Limit, OfferRules } from './offer-rules.js';

function isTotal({ per, period }: Limit): boolean {
  return per === undefined && period === undefined;
}

function validityPhrases({ validFrom, validTo }: OfferRules): string[] {
  return [
    ...(validFrom === undefined ? [] : [`valid from ${validFrom}`]),
    ...(validTo === undefined ? [] : [`valid to ${validTo}`]),
  ];
}

function spendPhrases({ spend }: OfferRules): string[] {
  if (spend?.when !== 'confirmed') return [];
  return [`counted when the box confirms; held for ${durationInWords(spend.holdS)} until then`];
}

/** Every span once, the longest first. */
function spansBelow(holdS: number, { limits = [], cooldowns = [] }: OfferRules): number[] {
  const rolling = limits.flatMap(({ period }) =>
    period !== undefined && 'rollingS' in period ? [period.rollingS] : [],
  );
  const spans = new Set([...rolling, ...cooldowns.map(({ seconds }) => seconds)]);
  return [...spans].filter((seconds) => seconds < holdS).sort((one, other) => other - one);
}

/** What surprises where a place can be held for longer than a rolling limit or a cool-down lasts. */
function holdWarning(rules: OfferRules): string {
  if (rules.spend?.when !== 'confirmed') return '';
  const { holdS } = rules.spend;
  const spans = spansBelow(holdS, rules).map(durationInWords);
  if (spans.length === 0) return '';
  const begin =
    spans.length > 1 ? 'they begin' : `the ${spans[0]} ${spans[0]?.startsWith('1 ') ? 'begins' : 'begin'}`;
  return (
    `. Until the box confirms, a place stays taken for up to ${durationInWords(holdS)}, ` +
    `also where a limit says ${listInWords(spans, 'or')}; ${begin} when the receipt arrives`
  );
}

/** `at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)` */
export function describeOffer({
  rules,
  timeZone,
  currency,
}: Pick<OfferVersion, 'rules' | 'timeZone' | 'currency'>): string {
  const { limits = [], cooldowns = [], stepMinor } = rules;
  const inWords = (limit: Limit): string => describeLimit(limit, currency, stepMinor);
  const phrases = [
    ...limits.filter(isTotal).map(inWords),
    ...openingPhrases(rules),
    ...limits.filter((limit) => !isTotal(limit)).map(inWords),
    ...cooldowns.map(describeCooldown),
    ...validityPhrases(rules),
    ...spendPhrases(rules),
  ];
  return phrases.length === 0 ? 'without limits' : `${phrases.join(', ')} (${timeZone})${holdWarning(rules)}`;
}
