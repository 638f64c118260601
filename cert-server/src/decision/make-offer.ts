/** A new version of an offer, out of what an operator wrote: what the schema cannot say is checked here, once. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Temporal } from 'temporal-polyfill';
import { checkLimitRules } from './check-limit-rules.js';
import { checkWindowRules } from './check-window-rules.js';
import type { OfferVersion } from './offer.js';
import { type Validity, validityOf } from './validity.js';

function checkValidity({ rules, timeZone }: OfferVersion): void {
  let validity: Validity;
  try {
    validity = validityOf(rules, timeZone);
  } catch (cause) {
    const field = cause instanceof RangeError ? cause.message : 'validFrom';
    throw new TapsealError('body_invalid', `rules.${field}: no such time`, { cause });
  }
  if (validity.fromMs >= validity.toMs) {
    throw new TapsealError('body_invalid', 'rules.validTo: not after rules.validFrom');
  }
}

/**
 * Refuses rules that cannot be read, that contradict each other, or that could never grant anything.
 * @throws TapsealError body_invalid naming the field
 */
export function makeOfferVersion(text: OfferVersion): OfferVersion {
  checkTimeZone(text.timeZone);
  checkWindowRules(text.rules);
  checkValidity(text);
  checkLimitRules(text);
  return text;
}

/** @throws TapsealError body_invalid unless `timeZone` is one that Temporal knows */
export function checkTimeZone(timeZone: string): void {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
  } catch (cause) {
    throw new TapsealError('body_invalid', 'timeZone: no such IANA time zone', { cause });
  }
}
