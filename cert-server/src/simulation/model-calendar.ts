/**
 * The calendar of the model, apart from that of the server: the wall clock says which day it is (Temporal), the rest is whole
 * numbers. Days are counted from 1 January 1970, a Thursday.
 */
import { Temporal } from 'temporal-polyfill';
import type { CalendarPeriod } from '../decision/offer-rules.js';

const DAY_MS = 86_400_000;

/** Days since 1970 of the first day of the period, and of the first day after it. */
export type DaySpan = { readonly first: number; readonly next: number };

type CalendarDay = { readonly year: number /** From 0. */; readonly month: number; readonly day: number };

function daysOf({ year, month, day }: CalendarDay): number {
  return Date.UTC(year, month, day) / DAY_MS;
}

/** @param month months since the year 0 */
function daysOfMonth(month: number): number {
  return daysOf({ year: Math.floor(month / 12), month: month % 12, day: 1 });
}

/** The wall clock is asked often for one instant: a world has few zones and moves on slowly. */
const known = new Map<string, CalendarDay>();

function localDay(atMs: number, timeZone: string): CalendarDay {
  const key = `${timeZone} ${atMs}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  const day = { year: local.year, month: local.month - 1, day: local.day };
  if (known.size > 10_000) known.clear();
  known.set(key, day);
  return day;
}

function dayOfText(text: string): CalendarDay {
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  return { year, month: month - 1, day };
}

/** The start of the part of `length` in which `value` lies, where one part starts at `anchor`. */
function startOf(value: number, anchor: number, length: number): number {
  return anchor + Math.floor((value - anchor) / length) * length;
}

export function daySpanAt(period: CalendarPeriod, atMs: number, timeZone: string): DaySpan {
  const today = localDay(atMs, timeZone);
  const { unit, every = 1, weekStart = 'mon', from } = period;
  const origin = from === undefined ? { year: 1970, month: 0, day: 1 } : dayOfText(from);
  switch (unit) {
    case 'day': {
      const first = startOf(daysOf(today), daysOf(origin), every);
      return { first, next: first + every };
    }
    case 'week': {
      // 5 January 1970 was a Monday, the day before it a Sunday.
      const anyStart = weekStart === 'mon' ? 4 : 3;
      const firstWeek = from === undefined ? anyStart : startOf(daysOf(origin), anyStart, 7);
      const first = startOf(daysOf(today), firstWeek, 7 * every);
      return { first, next: first + 7 * every };
    }
    case 'month': {
      const month = startOf(today.year * 12 + today.month, origin.year * 12 + origin.month, every);
      return { first: daysOfMonth(month), next: daysOfMonth(month + every) };
    }
    case 'year': {
      const year = startOf(today.year, origin.year, every);
      return { first: daysOfMonth(year * 12), next: daysOfMonth((year + every) * 12) };
    }
  }
}

/** The first instant of a day, where it may begin at one o'clock. */
export function dayBeginsMs(days: number, timeZone: string): number {
  const date = new Date(days * DAY_MS).toISOString().slice(0, 10);
  return Temporal.PlainDate.from(date).toZonedDateTime(timeZone).epochMilliseconds;
}
