/**
 * When the windows of an offer are open by the wall clock, whatever the zone and its changes: a window is open when the clock
 * reads a time in [from, until) of one of its days; across midnight it belongs to the day on which it opens. Wall times are
 * those of calendar-day.ts. Derived from the version alone and kept with it.
 */
import { dayOfDate, dayOfWallMs, MS_PER_DAY, weekdayOf } from './calendar-day.js';
import { isHoliday } from './holidays.js';
import type { OfferVersion } from './offer.js';
import type { DateRange, Exception, OfferRules, Weekday, Window } from './offer-rules.js';
import { parseRecurrence, recursOn } from './recurrence.js';

const week: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

type IsDay = (day: number) => boolean;

type Hours = {
  /** Milliseconds from the midnight with which the day begins; `untilMs` can be on the day after. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly isDay: IsDay;
};

export type OpeningHours = {
  readonly hours: readonly Hours[];
  /** Times of the day, ascending from midnight, at which anything can change. */
  readonly boundariesMs: readonly number[];
};

function timeMs(text: string): number {
  return (Number(text.slice(0, 2)) * 60 + Number(text.slice(3))) * 60_000;
}

function isWithin({ from, to }: DateRange): IsDay {
  const [first, last] = [dayOfDate(from), dayOfDate(to)];
  if (first === undefined || last === undefined) throw new RangeError('no such date');
  return (day) => first <= day && day <= last;
}

function isException(exception: Exception): IsDay {
  if (!('holidays' in exception)) return isWithin(exception);
  const { holidays } = exception;
  return (day) => isHoliday(holidays, day);
}

function hoursOf({ from, until, weekdays, dates, recurrence, holidays }: Window, isClosed: IsDay): Hours {
  const fromMs = from === undefined ? 0 : timeMs(from);
  const untilMs = until === undefined ? MS_PER_DAY : timeMs(until);
  const isDays: IsDay[] = [];
  if (weekdays !== undefined) {
    const isOpen = week.map((weekday) => weekdays.includes(weekday));
    isDays.push((day) => isOpen[weekdayOf(day)] === true);
  }
  if (dates !== undefined) isDays.push(isWithin(dates));
  if (recurrence !== undefined) {
    const days = parseRecurrence(recurrence);
    isDays.push((day) => recursOn(days, day));
  }
  if (holidays !== undefined) isDays.push((day) => isHoliday(holidays, day));
  return {
    fromMs,
    untilMs: untilMs <= fromMs ? untilMs + MS_PER_DAY : untilMs,
    isDay: (day) => isDays.every((isDay) => isDay(day)) && !isClosed(day),
  };
}

function readOpeningHours({ windows, except }: OfferRules): OpeningHours | undefined {
  if (windows === undefined && except === undefined) return undefined;
  const exceptions = (except ?? []).map(isException);
  const isClosed = (day: number): boolean => exceptions.some((isExcepted) => isExcepted(day));
  const hours = (windows ?? [{}]).map((window) => hoursOf(window, isClosed));
  const times = hours.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs % MS_PER_DAY]);
  return { hours, boundariesMs: [...new Set([0, ...times])].sort((one, other) => one - other) };
}

const known = new WeakMap<OfferVersion, OpeningHours | 'always'>();

/** Undefined where the offer is open at all times. */
export function openingHoursOf(offer: OfferVersion): OpeningHours | undefined {
  let hours = known.get(offer);
  if (hours === undefined) {
    hours = readOpeningHours(offer.rules) ?? 'always';
    known.set(offer, hours);
  }
  return hours === 'always' ? undefined : hours;
}

/** The first wall time from `wallMs` on at which a window is open; undefined where none opens until the end of `lastDay`. */
export function nextOpenWallMs({ hours }: OpeningHours, wallMs: number, lastDay: number): number | undefined {
  for (let day = dayOfWallMs(wallMs) - 1; day <= lastDay; day++) {
    const midnightMs = day * MS_PER_DAY;
    let opensMs = Number.POSITIVE_INFINITY;
    for (const { fromMs, untilMs, isDay } of hours) {
      if (midnightMs + untilMs <= wallMs || !isDay(day)) continue;
      opensMs = Math.min(opensMs, Math.max(wallMs, midnightMs + fromMs));
    }
    // Windows of a later day open later than all of this one.
    if (Number.isFinite(opensMs)) return opensMs;
  }
  return undefined;
}

/** The last boundary at or before a wall time, and the first one after it: in between nothing changes. */
export function boundariesAround(
  { boundariesMs }: OpeningHours,
  wallMs: number,
): { readonly startMs: number; readonly endMs: number } {
  const midnightMs = dayOfWallMs(wallMs) * MS_PER_DAY;
  let startMs = midnightMs;
  for (const boundaryMs of boundariesMs) {
    if (midnightMs + boundaryMs > wallMs) return { startMs, endMs: midnightMs + boundaryMs };
    startMs = midnightMs + boundaryMs;
  }
  return { startMs, endMs: midnightMs + MS_PER_DAY };
}
