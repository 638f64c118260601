/**
 * Days, weeks, months and years of a time zone, and every N of them: the key for a counter, and the instants between which it
 * counts. A period begins when the wall clock first gets to its first day, so that periods follow each other without gap or
 * overlap whatever the clocks do; docs/limits.md §3 says what that means on the days when they change.
 */
import { dateOfDay, dayOfDate, dayOfWallMs, MS_PER_DAY, weekdayOf } from './calendar-day.js';
import type { CalendarPeriod } from './offer-rules.js';
import { firstInstantAt, zoneSpanAt } from './zone-span.js';

export type Period = {
  /** Unit and first day: `day/2026-11-22`, `2-week/2026-11-16`, `week-sun/2026-11-22`. The same key is the same span. */
  readonly key: string;
  /** Milliseconds since 1970, the first instant. */
  readonly startsMs: number;
  /** The first instant of the next period. Days have 23 or 25 hours where the clocks change. */
  readonly resetsAtMs: number;
};

/** First day of a period and of the next one. */
type Days = { readonly first: number; readonly next: number };

function firstOfMonth(months: number): number {
  return Date.UTC(1970, months, 1) / MS_PER_DAY;
}

/** Months since January 1970. */
function monthsOf(day: number): number {
  const date = new Date(day * MS_PER_DAY);
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
}

/** `index` rounded down to a whole number of steps from `anchor`, also before it. */
function stepDown(index: number, anchor: number, step: number): number {
  return anchor + Math.floor((index - anchor) / step) * step;
}

function daysOf({ unit, every = 1, weekStart, from }: CalendarPeriod, day: number): Days {
  // The weeks are counted from that of 5 January 1970, a Monday; everything else from 1 January.
  const anchor = from === undefined ? (unit === 'week' ? 4 : 0) : dayOfDate(from);
  if (anchor === undefined) throw new RangeError('no such date');
  switch (unit) {
    case 'day': {
      const first = stepDown(day, anchor, every);
      return { first, next: first + every };
    }
    case 'week': {
      const week = anchor - (weekStart === 'sun' ? (weekdayOf(anchor) + 1) % 7 : weekdayOf(anchor));
      const first = stepDown(day, week, 7 * every);
      return { first, next: first + 7 * every };
    }
    case 'month':
    case 'year': {
      const step = unit === 'month' ? every : 12 * every;
      const anchorMonth = unit === 'month' ? monthsOf(anchor) : Math.floor(monthsOf(anchor) / 12) * 12;
      const first = stepDown(monthsOf(day), anchorMonth, step);
      return { first: firstOfMonth(first), next: firstOfMonth(first + step) };
    }
  }
}

function keyOf({ unit, every = 1, weekStart }: CalendarPeriod, first: number): string {
  const name = weekStart === 'sun' ? `${unit}-sun` : unit;
  return `${every === 1 ? name : `${every}-${name}`}/${dateOfDay(first)}`;
}

function readPeriod(period: CalendarPeriod, nowMs: number, timeZone: string): Period {
  let days = daysOf(period, dayOfWallMs(nowMs + zoneSpanAt(nowMs, timeZone).offsetMs));
  let resetsAtMs = firstInstantAt(days.next * MS_PER_DAY, timeZone);
  // Where clocks go back over midnight, the evening comes again after the next day has begun: the next day goes on.
  while (resetsAtMs <= nowMs) {
    days = daysOf(period, days.next);
    resetsAtMs = firstInstantAt(days.next * MS_PER_DAY, timeZone);
  }
  const startsMs = firstInstantAt(days.first * MS_PER_DAY, timeZone);
  return { key: keyOf(period, days.first), startsMs, resetsAtMs };
}

const PERIODS_KEPT_MAX = 1_024;
/** The last one of each kind and zone: nearly every request falls into it. */
const lastPeriods = new Map<string, Period>();

/** @param timeZone one that checkTimeZone accepted */
export function periodAt(period: CalendarPeriod, nowMs: number, timeZone: string): Period {
  const { unit, every = 1, weekStart = 'mon', from = '' } = period;
  const kind = `${timeZone}|${unit}|${every}|${weekStart}|${from}`;
  const last = lastPeriods.get(kind);
  if (last !== undefined && last.startsMs <= nowMs && nowMs < last.resetsAtMs) return last;
  const read = readPeriod(period, nowMs, timeZone);
  if (last === undefined && lastPeriods.size >= PERIODS_KEPT_MAX) {
    for (const oldest of lastPeriods.keys()) {
      lastPeriods.delete(oldest);
      break;
    }
  }
  lastPeriods.set(kind, read);
  return read;
}
