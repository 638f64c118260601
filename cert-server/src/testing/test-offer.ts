/** For tests only: an offer version with the rules at hand. */
import { makeOfferVersion, type OfferVersion } from '../decision/offer.js';
import type { OfferRules } from '../decision/offer-rules.js';

export function testOffer(rules: OfferRules, timeZone = 'Europe/Berlin'): OfferVersion {
  return makeOfferVersion({
    id: 'offer',
    version: 1,
    title: 'Offer',
    touchpoints: ['lobby-1'],
    action: 'open',
    amountMinor: 0,
    currency: 'EUR',
    timeZone,
    rules,
  });
}
