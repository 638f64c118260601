/** Step 9, offer: known, of this touchpoint, not paused, and for the amount that the shopper approved. */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { isOfferedAt, type OfferVersion } from '../decision/offer.js';
import type { RedeemFacts } from '../store/store-port.js';

export type OfferVerdict =
  | { readonly accepted: true; readonly offer: OfferVersion }
  | { readonly accepted: false; readonly code: ErrorCode; readonly rule: string };

export function checkOffer(
  found: RedeemFacts['offer'],
  asked: { readonly offer: string; readonly touchpoint: string; readonly amountMinor: number },
): OfferVerdict {
  const refuse = (code: ErrorCode, rule: string): OfferVerdict => ({ accepted: false, code, rule });
  if (found === undefined) return refuse('offer_unknown', 'an offer of the programme');
  const { version: offer, paused } = found;
  if (!isOfferedAt(offer, asked.touchpoint)) return refuse('offer_not_here', 'at its own touchpoints');
  if (paused) return refuse('offer_paused', 'not while it is paused');
  if (offer.amountMinor !== asked.amountMinor) return refuse('offer_amount_mismatch', 'for its own amount');
  return { accepted: true, offer };
}
