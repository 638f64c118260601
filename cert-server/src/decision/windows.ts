/**
 * When an offer is open: valid from/to, weekdays, the daily window. All in the programme's time zone, exact to the
 * millisecond; every window is an interval of instants, first one in, last one out: until 12:00 means that 12:00:00.000 is
 * closed. A window across midnight belongs to the day on which it opens.
 */
import { Temporal } from 'temporal-polyfill';
import type { OfferVersion } from './offer.js';

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** An offer with any weekday opens within this many days, whatever the time zone does. */
const SEARCH_DAYS = 9;

type Window = { readonly opensMs: number; readonly closesMs: number };

/**
 * The instant of a local time. A time that the spring change skips is the instant of the change (the first local time at or
 * after it); one that the autumn change repeats is its first occurrence. So windows never overlap nor turn around.
 */
function localInstantMs(date: Temporal.PlainDate, time: Temporal.PlainTime, timeZone: string): number {
  const local = date.toPlainDateTime(time);
  const instant = local.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  if (instant.toPlainDateTime().equals(local)) return instant.epochMilliseconds;
  return (instant.getTimeZoneTransition('next') ?? instant).epochMilliseconds;
}

/** The window that opens on `date`, or undefined where that weekday is closed. */
function windowOf(offer: OfferVersion, date: Temporal.PlainDate): Window | undefined {
  const { from, until, weekdays: days } = offer.rules;
  const day = weekdays[date.dayOfWeek - 1];
  if (days !== undefined && (day === undefined || !days.includes(day))) return undefined;
  const opens = Temporal.PlainTime.from(from ?? '00:00');
  const closes = Temporal.PlainTime.from(until ?? '00:00');
  const closesNextDay = Temporal.PlainTime.compare(closes, opens) <= 0;
  return {
    opensMs: localInstantMs(date, opens, offer.timeZone),
    closesMs: localInstantMs(closesNextDay ? date.add({ days: 1 }) : date, closes, offer.timeZone),
  };
}

function hasWindow(offer: OfferVersion): boolean {
  const { from, until, weekdays: days } = offer.rules;
  return from !== undefined || until !== undefined || days !== undefined;
}

/** The first instant at or after `atMs` in which a daily window is open; validity is not looked at. */
function windowOpensMs(offer: OfferVersion, atMs: number): number | undefined {
  if (!hasWindow(offer)) return atMs;
  const today = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(offer.timeZone).toPlainDate();
  for (let day = -1; day <= SEARCH_DAYS; day++) {
    const window = windowOf(offer, today.add({ days: day }));
    if (window === undefined || window.closesMs <= atMs || window.closesMs <= window.opensMs) continue;
    return Math.max(window.opensMs, atMs);
  }
  return undefined;
}

export type WindowVerdict =
  | { readonly open: true }
  | {
      readonly open: false;
      readonly code: 'offer_not_started' | 'offer_ended' | 'window_closed';
      /** When the offer opens next; absent where it never does. */
      readonly resetsAtMs?: number;
    };

export function checkWindows(offer: OfferVersion, nowMs: number): WindowVerdict {
  const { validFromMs = 0, validToMs = Number.POSITIVE_INFINITY } = offer;
  if (nowMs >= validToMs) return { open: false, code: 'offer_ended' };
  const opensMs = windowOpensMs(offer, Math.max(nowMs, validFromMs));
  if (opensMs === nowMs) return { open: true };
  const reset = opensMs !== undefined && opensMs < validToMs ? { resetsAtMs: opensMs } : {};
  return { open: false, code: nowMs < validFromMs ? 'offer_not_started' : 'window_closed', ...reset };
}
