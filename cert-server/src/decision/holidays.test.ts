import { expect, test } from 'vitest';
import { dayOfDate } from './calendar-day.js';
import { isHoliday, nameHolidays } from './holidays.js';
import type { Holidays } from './offer-rules.js';

test.each<[Holidays, string, boolean]>([
  [{ country: 'DE' }, '2026-12-25', true],
  [{ country: 'DE' }, '2026-12-24', false],
  // Valentine's day is kept, but no public holiday.
  [{ country: 'DE' }, '2026-02-14', false],
  // Easter Monday.
  [{ country: 'DE' }, '2026-04-06', true],
  [{ country: 'DE', region: 'BE' }, '2026-03-08', true],
  [{ country: 'DE', region: 'BY' }, '2026-03-08', false],
  [{ country: 'DE', region: 'BY' }, '2026-01-06', true],
  // 1 January 2022 was a Saturday: the day off was in the year before.
  [{ country: 'US' }, '2021-12-31', true],
  // Several days, and into the next year.
  [{ country: 'SA' }, '2026-03-19', true],
  [{ country: 'SA' }, '2026-03-22', true],
  [{ country: 'SA' }, '2026-03-23', false],
  [{ country: 'SZ' }, '2027-01-02', true],
  // Half a day is no holiday.
  [{ country: 'IS' }, '2026-12-24', false],
  // The day on which clocks go forward has 23 hours.
  [{ country: 'DE', region: 'BB' }, '2027-03-28', true],
])('%j on %s: %s', (holidays, date, expected) => {
  expect(isHoliday(holidays, dayOfDate(date) ?? 0)).toBe(expected);
});

test('names, and what has none is not known', () => {
  expect(nameHolidays({ country: 'DE' })).toBe('Germany');
  expect(nameHolidays({ country: 'DE', region: 'BE' })).toBe('Germany (Berlin)');
  expect(nameHolidays({ country: 'ZZ' })).toBeUndefined();
  expect(nameHolidays({ country: 'DE', region: 'ZZ' })).toBeUndefined();
});
