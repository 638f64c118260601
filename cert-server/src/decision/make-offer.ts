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

/**
 * Names of the zone database alone: Temporal reads offsets (`+01:00`) and whole times as well, which Intl of Node 20 cannot show.
 * @throws TapsealError body_invalid unless `timeZone` is one that both know by its name
 */
export function checkTimeZone(timeZone: string): void {
  try {
    if (!/^[A-Za-z]/.test(timeZone)) throw new RangeError('no name of a time zone');
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new TapsealError('body_invalid', 'timeZone: no such IANA time zone', { cause });
  }
}
