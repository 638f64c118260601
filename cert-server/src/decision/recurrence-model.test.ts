/**
 * The days of any rule that is accepted, against RFC 5545 §3.3.10 day by day: a day belongs to a rule if each of its parts says so.
 * The table of expansions and limits comes to the same, as long as a part that is missing is taken from the start.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dateOfDay, dayOfDate } from './calendar-day.js';
import { newRecurrence, recursOn } from './recurrence.js';

const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const FIRST = dayOf('2023-01-01');
const LAST = dayOf('2031-12-31');

function dayOf(date: string): number {
  const day = dayOfDate(date);
  if (day === undefined) throw new Error('no such date');
  return day;
}

const partsOf = (day: number) => {
  const [year = 0, month = 0, date = 0] = dateOfDay(day).split('-').map(Number);
  return { year, month, date, weekday: (new Date(day * 86_400_000).getUTCDay() + 6) % 7 };
};

/** Whether one of the numbers is this place among so many, counted from the front or from the back. */
const has = (numbers: readonly number[], place: number, size: number): boolean =>
  numbers.some((number) => number === place || number === place - size - 1);

function modelOf(start: number, rule: Record<string, string>): number[] {
  const numbers = (part: string): number[] | undefined => rule[part]?.split(',').map(Number);
  const [byMonth, byWeekNo, byYearDay] = [numbers('BYMONTH'), numbers('BYWEEKNO'), numbers('BYYEARDAY')];
  const [byMonthDay, bySetPos] = [numbers('BYMONTHDAY'), numbers('BYSETPOS')];
  const byDay = rule.BYDAY?.split(',').map((item) => ({
    number: Number(item.slice(0, -2)),
    weekday: names.indexOf(item.slice(-2)),
  }));
  const weekStart = names.indexOf(rule.WKST ?? 'MO');
  const weekOf = (day: number): number => day - ((partsOf(day).weekday - weekStart + 7) % 7);
  const weekYearOf = (day: number): number => partsOf(weekOf(day) + 3).year;
  const firstWeekOf = (year: number): number => weekOf(dayOf(`${year}-01-04`));
  const first = partsOf(start);

  const periodOf = (day: number): number => {
    const { year, month } = partsOf(day);
    if (rule.FREQ === 'DAILY') return day;
    if (rule.FREQ === 'WEEKLY') return weekOf(day) / 7;
    if (rule.FREQ === 'MONTHLY') return year * 12 + month;
    return byWeekNo === undefined ? year : weekYearOf(day);
  };
  const isDay = (day: number): boolean => {
    const { year, month, date, weekday } = partsOf(day);
    const yearStart = dayOf(`${year}-01-01`);
    const yearSize = dayOf(`${year + 1}-01-01`) - yearStart;
    const monthSize = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const [place, size] =
      rule.FREQ === 'MONTHLY' || byMonth !== undefined ? [date, monthSize] : [day - yearStart + 1, yearSize];
    if (byMonth !== undefined && !byMonth.includes(month)) return false;
    if (byWeekNo !== undefined) {
      const firstWeek = firstWeekOf(weekYearOf(day));
      const weeks = (firstWeekOf(weekYearOf(day) + 1) - firstWeek) / 7;
      if (!has(byWeekNo, (weekOf(day) - firstWeek) / 7 + 1, weeks)) return false;
    }
    if (byYearDay !== undefined && !has(byYearDay, day - yearStart + 1, yearSize)) return false;
    if (byMonthDay !== undefined && !has(byMonthDay, date, monthSize)) return false;
    if (byDay !== undefined) {
      const [fromFront, fromBack] = [Math.ceil(place / 7), Math.ceil((size - place + 1) / 7)];
      return byDay.some(
        ({ number, weekday: wanted }) =>
          wanted === weekday && (number === 0 || number === fromFront || number === -fromBack),
      );
    }
    if (rule.FREQ === 'WEEKLY' || (byWeekNo && !byMonthDay && !byYearDay)) return weekday === first.weekday;
    if (rule.FREQ === 'DAILY' || byMonthDay !== undefined || byYearDay !== undefined) return true;
    return date === first.date && (rule.FREQ === 'MONTHLY' || byMonth !== undefined || month === first.month);
  };

  const periods = new Map<number, number[]>();
  for (let day = start - 400; day <= LAST + 400; day++) {
    const since = periodOf(day) - periodOf(start);
    if (since < 0 || since % Number(rule.INTERVAL ?? 1) !== 0 || !isDay(day)) continue;
    periods.set(periodOf(day), [...(periods.get(periodOf(day)) ?? []), day]);
  }
  const days = [...periods.values()]
    .flatMap((of) => of.filter((_, index) => bySetPos === undefined || has(bySetPos, index + 1, of.length)))
    .filter((day) => day >= start);
  const until = rule.UNTIL?.replace(/(....)(..)(..)/, '$1-$2-$3') ?? '9999-12-31';
  return days.slice(0, Number(rule.COUNT ?? days.length)).filter((day) => day <= LAST && day <= dayOf(until));
}

function ruleOf(text: string): [start: number, rule: Record<string, string>] {
  const [start = '', ...rule] = text.split(';');
  const date = start.replace(/.*:(....)(..)(..)/, '$1-$2-$3');
  return [dayOf(date), Object.fromEntries(rule.map((part) => part.split('=')))];
}

function expectDaysOfModel(text: string): void {
  const recurrence = newRecurrence(text);
  const days: string[] = [];
  for (let day = FIRST; day <= LAST; day++) if (recursOn(recurrence, day)) days.push(dateOfDay(day));
  expect(days, text).toEqual(modelOf(...ruleOf(text)).map(dateOfDay));
}

const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<string> =>
  fc.uniqueArray(item, { minLength: 1, maxLength: 4 }).map((items) => items.join(','));
const signed = (...sizes: number[]): fc.Arbitrary<number> =>
  fc.constantFrom(...sizes, ...sizes.map((size) => -size));
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const sometimes = <T>(value: fc.Arbitrary<T>, freq = 3) => fc.option(value, { nil: undefined, freq });
const weekday = fc.constantFrom(...names);
const numberedDay = fc
  .tuple(signed(1, 2, 3, 4, 5, 6, 10, 51, 52, 53), weekday)
  .map(([number, name]) => `${number}${name}`);
/** The days around the new year are the ones on which weeks and years part. */
const starts = fc.oneof(
  upTo(1_400).map((days) => dayOf('2024-01-01') + days),
  fc
    .constantFrom('2024-01-01', '2024-12-30', '2026-01-01', '2026-12-31', '2027-01-01', '2027-01-03')
    .map(dayOf),
);
const anyRule = fc
  .record({
    DTSTART: starts.map((day) => dateOfDay(day).replaceAll('-', '')),
    FREQ: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY', 'YEARLY', 'YEARLY'),
    INTERVAL: sometimes(upTo(4), 2),
    end: sometimes(
      fc.oneof(
        upTo(25).map((count) => `COUNT=${count}`),
        starts.map((day) => `UNTIL=${dateOfDay(day + 900).replaceAll('-', '')}`),
      ),
      2,
    ),
    WKST: sometimes(weekday, 2),
    BYMONTH: sometimes(list(upTo(12)), 1),
    BYWEEKNO: sometimes(list(signed(1, 2, 10, 51, 52, 53)), 1),
    BYYEARDAY: sometimes(list(signed(1, 2, 3, 59, 60, 200, 365, 366)), 1),
    BYMONTHDAY: sometimes(list(upTo(31).chain((day) => fc.constantFrom(day, -day))), 1),
    BYDAY: sometimes(fc.oneof(list(weekday), list(numberedDay), list(fc.oneof(weekday, numberedDay)))),
    BYSETPOS: sometimes(list(signed(1, 2, 3)), 1),
  })
  .map(({ DTSTART, end, ...rule }) => {
    const written = Object.entries(rule).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${value}`],
    );
    return [`DTSTART:${DTSTART}`, ...written, ...(end === undefined ? [] : [end])].join(';');
  })
  .filter((text) => {
    try {
      newRecurrence(text);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  });

test('every rule that is accepted has exactly the days of RFC 5545', () => {
  fc.assert(fc.property(anyRule, expectDaysOfModel), { numRuns: 100, seed: 5_545 });
}, 120_000);

test.each([
  'DTSTART:20260101;FREQ=YEARLY;BYWEEKNO=52,53;BYDAY=SA,SU',
  'DTSTART:20260101;FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU',
  'DTSTART:20260101;FREQ=YEARLY;BYWEEKNO=53',
  'DTSTART:20260101;FREQ=YEARLY;INTERVAL=2;BYWEEKNO=-1;BYDAY=FR,SA',
  'DTSTART:20270101;FREQ=YEARLY;BYWEEKNO=53,1;COUNT=3;BYDAY=FR,SA,MO',
  'DTSTART:20270102;FREQ=YEARLY;BYWEEKNO=53;UNTIL=20270102;BYDAY=FR,SA,SU',
  'DTSTART:20260103;FREQ=YEARLY;BYWEEKNO=30',
  'DTSTART:20260105;FREQ=YEARLY;BYMONTH=1;BYWEEKNO=53,1;WKST=SU;BYDAY=SU,SA',
  'DTSTART:20260105;FREQ=YEARLY;BYMONTH=1,12;BYYEARDAY=1,-1,100',
  'DTSTART:20260105;FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR',
  'DTSTART:20260105;FREQ=MONTHLY;BYMONTHDAY=8,9,10,11;BYDAY=2FR,MO',
  'DTSTART:20260105;FREQ=MONTHLY;BYDAY=MO,1MO,-1FR;BYSETPOS=2,-1',
  'DTSTART:20260105;FREQ=YEARLY;BYDAY=52MO,-52TU,10WE',
  'DTSTART:20260105;FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1,2,3;BYDAY=1MO',
  // What is said twice is one day.
  'DTSTART:20260105;FREQ=WEEKLY;BYDAY=MO,MO;COUNT=3',
  'DTSTART:20260105;FREQ=WEEKLY;BYDAY=MO,MO,TU;BYSETPOS=2',
  'DTSTART:20260105;FREQ=MONTHLY;BYDAY=MO,MO;BYSETPOS=2',
  'DTSTART:20260105;FREQ=MONTHLY;BYMONTHDAY=31,-1,30;BYSETPOS=-2',
  'DTSTART:20260105;FREQ=MONTHLY;BYMONTHDAY=31,-1;COUNT=5',
  'DTSTART:20260105;FREQ=YEARLY;BYMONTH=1,1;BYDAY=MO;BYSETPOS=2',
  'DTSTART:20260105;FREQ=YEARLY;BYDAY=1MO,-52MO;BYSETPOS=2',
  'DTSTART:20260105;FREQ=YEARLY;BYDAY=52MO,-1MO;COUNT=4',
  'DTSTART:20260105;FREQ=YEARLY;BYYEARDAY=366,-1,365;COUNT=5',
  'DTSTART:20260105;FREQ=YEARLY;BYYEARDAY=366,-1,365;BYSETPOS=2',
  'DTSTART:20260105;FREQ=YEARLY;BYWEEKNO=53,-1;BYDAY=MO;COUNT=4',
])('%s', expectDaysOfModel);
