import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { allTimeZones, clockChanges, readWallClock } from '../testing/wall-clock.js';
import type { CalendarPeriod } from './offer-rules.js';
import { type Period, periodAt } from './periods.js';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const periodOf = (period: CalendarPeriod, instant: string, timeZone: string): Period =>
  periodAt(period, at(instant), timeZone);

describe('property 12: a period ends at local midnight, whatever the clocks do', () => {
  test.each<[CalendarPeriod, string, string, string]>([
    [{ unit: 'day' }, 'day/2026-03-28', '2026-03-28T00:00:00+01:00', '2026-03-29T00:00:00+01:00'],
    [{ unit: 'week' }, 'week/2026-03-23', '2026-03-23T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
    [
      { unit: 'week', weekStart: 'sun' },
      'week-sun/2026-03-22',
      '2026-03-22T00:00:00+01:00',
      '2026-03-29T00:00:00+01:00',
    ],
    [{ unit: 'month' }, 'month/2026-03-01', '2026-03-01T00:00:00+01:00', '2026-04-01T00:00:00+02:00'],
    [{ unit: 'year' }, 'year/2026-01-01', '2026-01-01T00:00:00+01:00', '2027-01-01T00:00:00+01:00'],
  ])('%j', (period, key, starts, resets) => {
    expect(periodOf(period, '2026-03-28T12:00:00+01:00', 'Europe/Berlin')).toEqual({
      key,
      startsMs: at(starts),
      resetsAtMs: at(resets),
    });
  });

  test('a day has 23 or 25 hours where the clocks change', () => {
    const spring = periodOf({ unit: 'day' }, '2026-03-29T12:00:00+02:00', 'Europe/Berlin');
    const autumn = periodOf({ unit: 'day' }, '2026-10-25T12:00:00+01:00', 'Europe/Berlin');
    expect(spring.resetsAtMs - spring.startsMs).toBe(23 * 3_600_000);
    expect(autumn.resetsAtMs - autumn.startsMs).toBe(25 * 3_600_000);
  });
});

describe('every N of them', () => {
  test.each<[CalendarPeriod, string, string]>([
    // 1 January 1970 is the first of all days; the weeks begin with that of 5 January 1970.
    [{ unit: 'day', every: 7 }, '1970-01-07T23:59:59.999Z', '7-day/1970-01-01'],
    [{ unit: 'day', every: 7 }, '1970-01-08T00:00:00Z', '7-day/1970-01-08'],
    [{ unit: 'week', every: 2 }, '1970-01-18T23:59:59.999Z', '2-week/1970-01-05'],
    [{ unit: 'week', every: 2 }, '1970-01-19T00:00:00Z', '2-week/1970-01-19'],
    [{ unit: 'week', every: 2, weekStart: 'sun' }, '1970-01-17T12:00:00Z', '2-week-sun/1970-01-04'],
    [{ unit: 'month', every: 5 }, '2026-11-22T00:00:00Z', '5-month/2026-09-01'],
    [{ unit: 'year', every: 4 }, '2026-11-22T00:00:00Z', '4-year/2026-01-01'],
    // Before the anchor the count goes backwards, and does not turn round.
    [{ unit: 'week', every: 2 }, '1970-01-04T23:59:59.999Z', '2-week/1969-12-22'],
    [{ unit: 'day', every: 3, from: '2026-11-22' }, '2026-11-21T12:00:00Z', '3-day/2026-11-19'],
    [{ unit: 'month', every: 3, from: '2026-02-01' }, '2026-01-31T12:00:00Z', '3-month/2025-11-01'],
    // Of a day inside of a unit, the unit counts that it lies in.
    [{ unit: 'week', every: 2, from: '2026-11-18' }, '2026-11-22T12:00:00Z', '2-week/2026-11-16'],
    [{ unit: 'week', every: 2, from: '2026-11-11' }, '2026-11-22T12:00:00Z', '2-week/2026-11-09'],
    [
      { unit: 'week', every: 2, weekStart: 'sun', from: '2026-11-22' },
      '2026-11-22T12:00:00Z',
      '2-week-sun/2026-11-22',
    ],
    [{ unit: 'year', every: 2, from: '2025-07-01' }, '2026-11-22T12:00:00Z', '2-year/2025-01-01'],
  ])('%j at %s is %s', (period, instant, key) => {
    expect(periodOf(period, instant, 'UTC').key).toBe(key);
  });

  test('phases have keys of their own, and all days of a span the same one', () => {
    const noon = at('2026-11-22T12:00:00Z');
    const keys = ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23'].map(
      (from) => periodAt({ unit: 'day', every: 3, from }, noon, 'UTC').key,
    );
    expect(keys).toEqual(['3-day/2026-11-20', '3-day/2026-11-21', '3-day/2026-11-22', '3-day/2026-11-20']);
  });
});

describe('where the calendar is odd', () => {
  test('week 53 is one week, and so is the turn of every year', () => {
    expect(periodOf({ unit: 'week' }, '2027-01-03T23:59:59.999Z', 'UTC').key).toBe('week/2026-12-28');
    expect(periodOf({ unit: 'week' }, '2027-01-04T00:00:00Z', 'UTC').key).toBe('week/2027-01-04');
  });

  test('leap days: in years of four, not in 2100', () => {
    expect(periodOf({ unit: 'day' }, '2028-02-29T12:00:00Z', 'UTC').key).toBe('day/2028-02-29');
    expect(periodOf({ unit: 'month' }, '2028-02-29T12:00:00Z', 'UTC').resetsAtMs).toBe(
      at('2028-03-01T00:00:00Z'),
    );
    expect(periodOf({ unit: 'month' }, '2100-02-28T12:00:00Z', 'UTC').resetsAtMs).toBe(
      at('2100-03-01T00:00:00Z'),
    );
  });

  test('one instant is in different weeks east and west of the date line', () => {
    const instant = '2026-06-07T12:00:00Z';
    expect(periodOf({ unit: 'week' }, instant, 'Pacific/Auckland').key).toBe('week/2026-06-08');
    expect(periodOf({ unit: 'week' }, instant, 'Pacific/Honolulu').key).toBe('week/2026-06-01');
  });

  test('a day that a zone skips is none: the 29th goes on to the 31st', () => {
    const change = at('2011-12-31T00:00:00+14:00');
    expect(periodAt({ unit: 'day' }, change - 1, 'Pacific/Apia')).toMatchObject({
      key: 'day/2011-12-29',
      resetsAtMs: change,
    });
    expect(periodAt({ unit: 'day' }, change, 'Pacific/Apia')).toMatchObject({
      key: 'day/2011-12-31',
      startsMs: change,
    });
    // Two days from the skipped one begin with the change.
    expect(periodAt({ unit: 'day', every: 2, from: '2011-12-30' }, change, 'Pacific/Apia')).toMatchObject({
      key: '2-day/2011-12-30',
      startsMs: change,
    });
  });

  test('where clocks go back over midnight, the new day goes on: no day comes twice', () => {
    // In St. John's clocks went from 00:01 back to 23:01 of the day before.
    const midnight = at('2010-11-07T00:00:00-02:30');
    const again = midnight + 30 * 60_000;
    expect(readWallClock(again, 'America/St_Johns')).toEqual({ date: '2010-11-06', time: '23:30:00' });
    expect(periodAt({ unit: 'day' }, midnight - 1, 'America/St_Johns').key).toBe('day/2010-11-06');
    expect(periodAt({ unit: 'day' }, again, 'America/St_Johns')).toMatchObject({
      key: 'day/2010-11-07',
      startsMs: midnight,
    });
  });

  test('where clocks jump at midnight, the day begins with what comes after', () => {
    // In Beirut clocks go from 00:00 to 01:00.
    const change = at('2026-03-29T01:00:00+03:00');
    expect(periodAt({ unit: 'day' }, change - 1, 'Asia/Beirut').key).toBe('day/2026-03-28');
    expect(periodAt({ unit: 'day' }, change, 'Asia/Beirut')).toMatchObject({
      key: 'day/2026-03-29',
      startsMs: change,
    });
  });
});

/** The first day of a period, by the calendar of Temporal: nothing of the arithmetic that is tested. */
function firstDay({ unit, every = 1, weekStart, from }: CalendarPeriod, date: string): string {
  const day = Temporal.PlainDate.from(date);
  const startOf = (of: Temporal.PlainDate): Temporal.PlainDate => {
    if (unit === 'day') return of;
    if (unit === 'month') return of.with({ day: 1 });
    if (unit === 'year') return of.with({ month: 1, day: 1 });
    return of.subtract({ days: weekStart === 'sun' ? of.dayOfWeek % 7 : of.dayOfWeek - 1 });
  };
  const anchor = startOf(Temporal.PlainDate.from(from ?? (unit === 'week' ? '1970-01-05' : '1970-01-01')));
  const name = `${unit}s` as const;
  const units = anchor.until(startOf(day), { largestUnit: unit })[name];
  return anchor.add({ [name]: units - (((units % every) + every) % every) }).toString();
}

function keyDate({ key }: Period): string {
  return key.slice(key.indexOf('/') + 1);
}

/** What has to be true of a period, by what Intl says the wall clock reads. */
function expectExact(spec: CalendarPeriod, nowMs: number, timeZone: string): void {
  const period = periodAt(spec, nowMs, timeZone);
  const first = keyDate(period);
  const readsNow = readWallClock(nowMs, timeZone).date;
  expect(period.startsMs <= nowMs && nowMs < period.resetsAtMs, 'holds the instant').toBe(true);
  // Only where the clocks have gone back over midnight does the clock read a day that is over.
  if (firstDay(spec, readsNow) !== first) {
    expect(firstDay(spec, readsNow) < first).toBe(true);
    expect(readWallClock(period.startsMs, timeZone).date > readsNow).toBe(true);
    expect(nowMs - period.startsMs).toBeLessThan(3 * 3_600_000);
  }
  expect(readWallClock(period.startsMs - 1, timeZone).date < first, 'begins no later').toBe(true);
  expect(readWallClock(period.startsMs, timeZone).date >= first, 'begins no earlier').toBe(true);
  const next = periodAt(spec, period.resetsAtMs, timeZone);
  expect(next.startsMs, 'the next one follows').toBe(period.resetsAtMs);
  expect(keyDate(next) > first).toBe(true);
  expect(periodAt(spec, period.resetsAtMs - 1, timeZone).key).toBe(period.key);
  expect(periodAt(spec, period.startsMs, timeZone).key).toBe(period.key);
}

test('property 12: in every zone of the database, at each change of its clocks in 2026', () => {
  let changes = 0;
  for (const timeZone of allTimeZones) {
    for (const changeMs of clockChanges(timeZone, at('2026-01-01T00:00:00Z'), at('2027-01-01T00:00:00Z'))) {
      changes++;
      for (const nowMs of [changeMs - 1, changeMs]) {
        expectExact({ unit: 'day' }, nowMs, timeZone);
        if (nowMs === changeMs) expectExact({ unit: 'week' }, nowMs, timeZone);
      }
    }
    expectExact({ unit: 'day' }, at('2028-02-29T11:00:00Z'), timeZone);
    expectExact({ unit: 'week' }, at('2026-12-31T11:00:00Z'), timeZone);
    expectExact({ unit: 'month' }, at('2026-12-31T11:00:00Z'), timeZone);
  }
  expect(changes).toBeGreaterThan(100);
});

const specs = fc
  .record(
    {
      unit: fc.constantFrom('day', 'week', 'month', 'year'),
      every: fc.integer({ min: 1, max: 53 }),
      weekStart: fc.constantFrom('mon', 'sun'),
      from: fc
        .integer({ min: at('1990-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') })
        .map((ms) => new Date(ms).toISOString().slice(0, 10)),
    },
    { requiredKeys: ['unit'] },
  )
  .map(({ weekStart, ...spec }): CalendarPeriod => {
    return spec.unit === 'week' && weekStart !== undefined ? { ...spec, weekStart } : spec;
  });

test('property 12: any period, any zone, any instant, and the changes of the clocks of its year', () => {
  fc.assert(
    fc.property(
      specs,
      fc.constantFrom(...allTimeZones),
      fc.integer({ min: at('1972-06-01T00:00:00Z'), max: at('2037-12-31T00:00:00Z') }),
      (spec, timeZone, nowMs) => {
        expectExact(spec, nowMs, timeZone);
        const changes = clockChanges(timeZone, nowMs - 200 * 86_400_000, nowMs + 200 * 86_400_000);
        for (const changeMs of changes) {
          expectExact(spec, changeMs - 1, timeZone);
          expectExact(spec, changeMs, timeZone);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('what was remembered of one instant does not change the answer for another', () => {
  const spec: CalendarPeriod = { unit: 'day' };
  const [monday, tuesday] = [at('2026-06-08T12:00:00Z'), at('2026-06-09T12:00:00Z')];
  const keys = [monday, tuesday, monday].map((nowMs) => periodAt(spec, nowMs, 'Europe/Berlin').key);
  expect(keys).toEqual(['day/2026-06-08', 'day/2026-06-09', 'day/2026-06-08']);
  expect(periodAt(spec, monday, 'Pacific/Auckland').key).toBe('day/2026-06-09');
});
