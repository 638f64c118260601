/** One version of an offer as data: what a decision needs, and nothing that changes while it is valid. */
import type { Action } from '@tapseal/shared/action';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Temporal } from 'temporal-polyfill';
import type { OfferRules } from './offer-rules.js';

export type OfferVersion = {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** Names of touchpoints. */
  readonly touchpoints: readonly string[];
  readonly action: Action;
  readonly amountMinor: number;
  readonly currency: string;
  /** IANA time zone of the programme: every window and period is in it. */
  readonly timeZone: string;
  readonly rules: OfferRules;
  /** Milliseconds since 1970, from `rules.validFrom`: the first instant of the offer. */
  readonly validFromMs?: number;
  /** Milliseconds since 1970, from `rules.validTo`: the first instant after the offer. */
  readonly validToMs?: number;
};

type OfferText = Omit<OfferVersion, 'validFromMs' | 'validToMs'>;

function isDate(text: string): boolean {
  return text.length === 'YYYY-MM-DD'.length;
}

/** An instant with its offset, or a date or a local time in the programme's time zone. */
function instantMs(text: string, timeZone: string): number {
  if (/(?:Z|[+-]\d{2}:\d{2})$/.test(text) && !isDate(text))
    return Temporal.Instant.from(text).epochMilliseconds;
  if (isDate(text)) return Temporal.PlainDate.from(text).toZonedDateTime(timeZone).epochMilliseconds;
  return Temporal.PlainDateTime.from(text).toZonedDateTime(timeZone).epochMilliseconds;
}

function validToMs(text: string, timeZone: string): number {
  // A date is the last day, whole: the offer ends with the first instant of the day after.
  const end = isDate(text) ? Temporal.PlainDate.from(text).add({ days: 1 }).toString() : text;
  return instantMs(end, timeZone);
}

/**
 * Reads the times of a new version, and refuses rules that could never grant anything.
 * @throws TapsealError body_invalid
 */
export function makeOfferVersion(text: OfferText): OfferVersion {
  const { rules, timeZone } = text;
  const readTime = (name: string, read: () => number): number => {
    try {
      return read();
    } catch (cause) {
      throw new TapsealError('body_invalid', `rules.${name}: no such time`, { cause });
    }
  };
  const { validFrom, validTo } = rules;
  const fromMs = validFrom && readTime('validFrom', () => instantMs(validFrom, timeZone));
  const toMs = validTo && readTime('validTo', () => validToMs(validTo, timeZone));
  if (typeof fromMs === 'number' && typeof toMs === 'number' && fromMs >= toMs) {
    throw new TapsealError('body_invalid', 'rules.validTo: not after rules.validFrom');
  }
  if (rules.from !== undefined && rules.from === rules.until) {
    throw new TapsealError('body_invalid', 'rules.until: the same as rules.from');
  }
  if (rules.until === '00:00' && rules.from === undefined) {
    throw new TapsealError('body_invalid', 'rules.until: leave it out for the whole day');
  }
  return {
    ...text,
    ...(typeof fromMs === 'number' ? { validFromMs: fromMs } : {}),
    ...(typeof toMs === 'number' ? { validToMs: toMs } : {}),
  };
}

/** @throws TapsealError body_invalid unless `timeZone` is one that Temporal knows */
export function checkTimeZone(timeZone: string): void {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
  } catch (cause) {
    throw new TapsealError('body_invalid', 'timeZone: no such IANA time zone', { cause });
  }
}
