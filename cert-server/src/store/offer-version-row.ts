/** Versions of offers, as either store keeps them: the canonical text that their hash is of. */
import type { OfferVersion } from '../decision/offer.js';
import { holidayTables } from '../holidays/holiday-tables.js';

function namesHolidays({ rules: { windows = [], except = [] } }: OfferVersion): boolean {
  return [...windows, ...except].some((days) => 'holidays' in days);
}

/** Ready for decisions, which read no file: what one looks up beside the offer is in memory from here on. */
export function offerVersionOf(canonical: string): OfferVersion {
  // Only canonicalOffer's result is ever written, so the type holds.
  const offer = JSON.parse(canonical) as OfferVersion;
  if (namesHolidays(offer)) holidayTables();
  return offer;
}
