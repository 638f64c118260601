/**
 * The hash that every voucher carries of the version that granted it: SHA-256 of the version as canonical JSON (RFC 8785), so
 * that anyone with the version's text can check it with public tools.
 */
import { utf8 } from '@tapseal/shared/bytes';
import type { Hashing } from '@tapseal/shared/crypto-port';
import canonicalize from 'canonicalize';
import type { OfferVersion } from './offer.js';

/** The text that is hashed and stored. */
export function canonicalOffer(offer: OfferVersion): string {
  const text = canonicalize(offer);
  if (text === undefined) throw new Error('an offer is an object');
  return text;
}

/** @returns 32 bytes */
export function offerHash(hashing: Pick<Hashing, 'sha256'>, canonical: string): Uint8Array {
  return hashing.sha256(utf8(canonical));
}

/** A version with its text and its hash, as stores take it. */
export function hashedOffer(hashing: Pick<Hashing, 'sha256'>, offer: OfferVersion) {
  const canonical = canonicalOffer(offer);
  return { offer, canonical, hash: offerHash(hashing, canonical) } as const;
}
