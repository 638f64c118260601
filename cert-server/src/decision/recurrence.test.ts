import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { dateOfDay, dayOfDate } from './calendar-day.js';
import { hasDay, newRecurrence, recursOn } from './recurrence.js';

function dayOf(date: string): number {
  const day = dayOfDate(date);
  if (day === undefined) throw new Error('no such date');
  return day;
}

function datesOf(text: string, from: string, to: string): string[] {
  const recurrence = newRecurrence(text);
  const dates: string[] = [];
  for (let day = dayOf(from); day <= dayOf(to); day++) {
    if (recursOn(recurrence, day)) dates.push(dateOfDay(day));
  }
  return dates;
}

describe('days of RFC 5545', () => {
  test.each([
    [
      'DTSTART:20260105;FREQ=WEEKLY;INTERVAL=3;BYDAY=MO',
      ['2026-01-05', '2026-01-26', '2026-02-16', '2026-03-09', '2026-03-30'],
    ],
    ['DTSTART:20260131;FREQ=MONTHLY', ['2026-01-31', '2026-03-31']],
    [
      'DTSTART:20260101;FREQ=MONTHLY;BYDAY=1MO,-1FR;BYMONTH=2,3',
      ['2026-02-02', '2026-02-27', '2026-03-02', '2026-03-27'],
    ],
    [
      'DTSTART:20260101;FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1',
      ['2026-01-30', '2026-02-27', '2026-03-31'],
    ],
    [
      'DTSTART:20260101;FREQ=MONTHLY;BYMONTHDAY=15,-1',
      ['2026-01-15', '2026-01-31', '2026-02-15', '2026-02-28', '2026-03-15', '2026-03-31'],
    ],
    ['DTSTART:20260110;FREQ=DAILY;COUNT=3', ['2026-01-10', '2026-01-11', '2026-01-12']],
    ['DTSTART:20260110;FREQ=DAILY;INTERVAL=20;UNTIL=20260219', ['2026-01-10', '2026-01-30', '2026-02-19']],
    ['DTSTART:20251230;FREQ=YEARLY;BYWEEKNO=10;BYDAY=SU', ['2026-03-08']],
    // As it stands in a calendar file.
    ['DTSTART;VALUE=DATE:20260302\nRRULE:FREQ=WEEKLY;COUNT=2', ['2026-03-02', '2026-03-09']],
    // The start gives the phase; it is a day only where the rule means it.
    ['DTSTART:20260107;FREQ=WEEKLY;INTERVAL=4;BYDAY=MO', ['2026-02-02', '2026-03-02', '2026-03-30']],
  ])('%s', (text, dates) => {
    expect(datesOf(text, '2026-01-01', '2026-03-31')).toEqual(dates);
  });

  test('the last week of a year ends in the next one', () => {
    const weeks = 'DTSTART:20260101;FREQ=YEARLY;BYWEEKNO=52,53;BYDAY=SA,SU';
    expect(datesOf(weeks, '2026-01-01', '2027-12-31')).toEqual([
      '2026-12-26',
      '2026-12-27',
      '2027-01-02',
      '2027-01-03',
    ]);
    const sunday = 'DTSTART:20260101;FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU';
    expect(datesOf(sunday, '2026-01-01', '2031-12-31')).toEqual(['2027-01-03']);
    expect(hasDay(newRecurrence(sunday))).toBe(true);
  });

  test('leap days come in leap years only, and a count goes on over the years', () => {
    const text = 'DTSTART:20240229;FREQ=YEARLY;COUNT=3';
    expect(datesOf(text, '2024-01-01', '2040-01-01')).toEqual(['2024-02-29', '2028-02-29', '2032-02-29']);
  });

  test('weekly, monthly and daily rules mean what counting day by day means', () => {
    const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    const start = Temporal.PlainDate.from('2025-10-01');
    const last = Temporal.PlainDate.from('2028-04-01');
    const rule = fc.oneof(
      fc.record({
        freq: fc.constant('DAILY'),
        interval: fc.integer({ min: 1, max: 40 }),
        days: fc.constant([1]),
      }),
      fc.record({
        freq: fc.constant('WEEKLY'),
        interval: fc.integer({ min: 1, max: 9 }),
        days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 7 }),
      }),
      fc.record({
        freq: fc.constant('MONTHLY'),
        interval: fc.integer({ min: 1, max: 9 }),
        days: fc.uniqueArray(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 4 }),
      }),
    );
    fc.assert(
      fc.property(rule, fc.integer({ min: 0, max: 60 }), ({ freq, interval, days }, offset) => {
        const first = start.add({ days: offset });
        const monday = first.subtract({ days: first.dayOfWeek - 1 });
        const isDay = (date: Temporal.PlainDate): boolean => {
          if (freq === 'DAILY') return first.until(date).days % interval === 0;
          if (freq === 'WEEKLY') {
            return days.includes(date.dayOfWeek) && Math.floor(monday.until(date).days / 7) % interval === 0;
          }
          const months = (date.year - first.year) * 12 + date.month - first.month;
          return days.includes(date.day) && months % interval === 0;
        };
        const by = {
          DAILY: '',
          WEEKLY: `;BYDAY=${days.map((day) => names[day - 1]).join(',')}`,
          MONTHLY: `;BYMONTHDAY=${days.join(',')}`,
        };
        const startText = first.toString().replaceAll('-', '');
        const part = by[freq === 'DAILY' || freq === 'WEEKLY' ? freq : 'MONTHLY'];
        const recurrence = newRecurrence(`DTSTART:${startText};FREQ=${freq};INTERVAL=${interval}${part}`);
        for (let date = start; Temporal.PlainDate.compare(date, last) < 0; date = date.add({ days: 1 })) {
          const expected = Temporal.PlainDate.compare(date, first) >= 0 && isDay(date);
          expect(recursOn(recurrence, dayOf(date.toString()))).toBe(expected);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('what is not a recurrence of days is refused, and says why', () => {
  test.each([
    ['FREQ=DAILY', 'must be DTSTART:YYYYMMDD;FREQ=…'],
    ['DTSTART:20260230;FREQ=DAILY', 'DTSTART: no such date from 1970 on'],
    ['DTSTART:19691231;FREQ=DAILY', 'DTSTART: no such date from 1970 on'],
    ['DTSTART:20260101;FREQ=HOURLY', 'FREQ: HOURLY is not possible here'],
    ['DTSTART:20260101;FREQ=DAILY;BYHOUR=9', 'BYHOUR: not a part of a recurrence of days'],
    ['DTSTART:20260101;FREQ=DAILY;FREQ=WEEKLY', 'FREQ: given twice'],
    ['DTSTART:20260101;BYDAY=MO', 'RRULE must include FREQ'],
    ['DTSTART:20260101;FREQ=DAILY;COUNT=0', 'COUNT: 0 is not possible here'],
    ['DTSTART:20260101;FREQ=DAILY;COUNT=3661', 'COUNT: 3661 is not possible here'],
    ['DTSTART:20260101;FREQ=DAILY;INTERVAL=1001', 'INTERVAL: 1001 is not possible here'],
    ['DTSTART:20260101;FREQ=MONTHLY;BYMONTHDAY=32', 'BYMONTHDAY: 32 is not possible here'],
    ['DTSTART:20260101;FREQ=DAILY;BYMONTH=13', 'BYMONTH: 13 is not possible here'],
    ['DTSTART:20260101;FREQ=MONTHLY;BYDAY=54MO', 'BYDAY: 54MO is not possible here'],
    ['DTSTART:20260101;FREQ=DAILY;UNTIL=20260101T120000Z', 'UNTIL: 20260101T120000Z is not possible here'],
    ['DTSTART:20260101;FREQ=WEEKLY;BYDAY=MO=TU', 'BYDAY: MO=TU is not possible here'],
    ['DTSTART:20260101;FREQ=WEEKLY;BYDAY=MO=', 'BYDAY: MO= is not possible here'],
    ['DTSTART:20260101;FREQ=WEEKLY;BYDAY', 'BYDAY:  is not possible here'],
  ])('%s', (text, message) => {
    expect(() => newRecurrence(text)).toThrowError(new RangeError(message));
  });

  test.each([
    'DTSTART:20260101;FREQ=WEEKLY;BYDAY=1MO',
    'DTSTART:20260101;FREQ=DAILY;COUNT=3;UNTIL=20260301',
    'DTSTART:20260101;FREQ=MONTHLY;BYSETPOS=1',
  ])('parts that cannot stand together: %s', (text) => {
    expect(() => newRecurrence(text)).toThrowError(RangeError);
  });

  test.each([
    ['BYDAY=53FR', 'BYDAY: within a year numbers go to 52; -1 is the last of the year and 1 the first'],
    ['BYDAY=1MO,-53FR', 'BYDAY: within a year numbers go to 52; -1 is the last of the year and 1 the first'],
    [
      'BYDAY=1MO,FR',
      'BYDAY: within a year all days have a number or none has; give the others in a window of their own',
    ],
    ['BYMONTHDAY=1;BYDAY=-1MO', 'BYDAY: numbers not together with BYMONTHDAY; leave the numbers out'],
    [
      'BYYEARDAY=1;BYDAY=MO',
      'BYYEARDAY: not together with BYDAY; give the days of the week as weekdays of the window',
    ],
    ['BYYEARDAY=1;BYMONTHDAY=1', 'BYYEARDAY: not together with BYMONTHDAY; use BYMONTH and BYMONTHDAY'],
    ['BYYEARDAY=1;BYWEEKNO=1', 'BYYEARDAY: not together with BYWEEKNO; use one of them'],
    ['BYWEEKNO=1;BYMONTHDAY=1', 'BYWEEKNO: not together with BYMONTHDAY; use BYMONTH and BYMONTHDAY'],
    ['BYWEEKNO=1;BYSETPOS=1', 'BYWEEKNO: not together with BYSETPOS; choose the days with BYDAY'],
    [
      'BYWEEKNO=1;INTERVAL=2',
      'DTSTART: in a week of another year, which leaves open which years INTERVAL means; begin elsewhere',
    ],
  ])('what a year cannot combine: %s', (rule, message) => {
    expect(() => newRecurrence(`DTSTART:20270101;FREQ=YEARLY;${rule}`)).toThrowError(new RangeError(message));
  });

  test('a rule without a day is found out, one with a rare day is not', () => {
    expect(hasDay(newRecurrence('DTSTART:20260101;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'))).toBe(false);
    expect(hasDay(newRecurrence('DTSTART:20260101;FREQ=DAILY;UNTIL=20251231'))).toBe(false);
    expect(hasDay(newRecurrence('DTSTART:20260101;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO'))).toBe(true);
  });
});
