/** One version of an offer as data: what a decision needs, and nothing that changes while it is valid. */
import type { Action } from '@tapseal/shared/action';
import type { Labels } from './labels.js';
import type { OfferRules } from './offer-rules.js';

export type OfferVersion = {
  readonly id: string;
  /** From 1; each change of the offer is a new version. */
  readonly version: number;
  readonly title: string;
  /** Names of touchpoints. */
  readonly touchpoints: readonly string[];
  readonly action: Action;
  readonly amountMinor: number;
  readonly currency: string;
  /** IANA time zone of the offer, else of the programme. A touchpoint with a zone of its own overrules it. */
  readonly timeZone: string;
  /** What limits by `key.…` count over: all offers of the programme that carry the same key and value. */
  readonly keys: Labels;
  readonly rules: OfferRules;
};

/** Who asks and where: what limits can tell apart. */
export type Party = {
  /** Opaque id of the shopper that the limits count. */
  readonly shopper: string;
  readonly shopperLabels: Labels;
  /** Name of the touchpoint. */
  readonly touchpoint: string;
  readonly touchpointLabels: Labels;
  /** IANA; absent where the touchpoint has none of its own. */
  readonly touchpointTimeZone?: string;
};

/** The zone of the touchpoint, the offer or the programme, in that order. */
export function timeZoneOf(offer: Pick<OfferVersion, 'timeZone'>, party: Party): string {
  return party.touchpointTimeZone ?? offer.timeZone;
}

const placesOf = new WeakMap<OfferVersion, ReadonlySet<string>>();

/** Kept with the version: an offer can have thousands of touchpoints, and each request asks for one of them. */
export function isOfferedAt(offer: OfferVersion, touchpoint: string): boolean {
  let places = placesOf.get(offer);
  if (places === undefined) {
    places = new Set(offer.touchpoints);
    placesOf.set(offer, places);
  }
  return places.has(touchpoint);
}
