/** All rules of an offer in one sentence that a venue manager understands. */
import { describeCooldown, describeLimit } from './describe-limit.js';
import { openingPhrases } from './describe-windows.js';
import { durationInWords } from './duration-in-words.js';
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
  return phrases.length === 0 ? 'without limits' : `${phrases.join(', ')} (${timeZone})`;
}
