/** What the schema of windows and exceptions cannot say: a new version with days or hours that cannot be is refused. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { dayOfDate } from './calendar-day.js';
import { nameHolidays } from './holidays.js';
import type { DateRange, Holidays, OfferRules, Window } from './offer-rules.js';
import { hasDay, newRecurrence, type Recurrence } from './recurrence.js';

function refuse(field: string, why: string, cause?: unknown): never {
  throw new TapsealError('body_invalid', `rules.${field}: ${why}`, { cause });
}

function checkDates(field: string, { from, to }: DateRange): void {
  const [first, last] = [dayOfDate(from), dayOfDate(to)];
  if (first === undefined) refuse(`${field}.from`, 'no such date');
  if (last === undefined) refuse(`${field}.to`, 'no such date');
  if (last < first) refuse(`${field}.to`, 'before from');
}

function checkHolidays(field: string, holidays: Holidays): void {
  if (nameHolidays(holidays) !== undefined) return;
  if (nameHolidays({ country: holidays.country }) === undefined) {
    refuse(`${field}.country`, `no holidays are known of ${holidays.country}`);
  }
  refuse(`${field}.region`, `${holidays.country} has no region ${holidays.region}`);
}

function checkRecurrence(field: string, text: string): void {
  let recurrence: Recurrence;
  try {
    recurrence = newRecurrence(text);
  } catch (cause) {
    refuse(field, cause instanceof Error ? cause.message : 'cannot be read', cause);
  }
  if (!hasDay(recurrence)) refuse(field, 'means no day at all');
}

function checkWindow(field: string, window: Window): void {
  const { from, until, dates, recurrence, holidays } = window;
  if (Object.keys(window).length === 0) refuse(field, 'says nothing; leave it out for at all times');
  if (from !== undefined && from === until) refuse(`${field}.until`, 'the same as from');
  if (until === '00:00' && from === undefined) {
    refuse(`${field}.until`, 'leave it out for the whole day');
  }
  if (dates !== undefined) checkDates(`${field}.dates`, dates);
  if (recurrence !== undefined) checkRecurrence(`${field}.recurrence`, recurrence);
  if (holidays !== undefined) checkHolidays(`${field}.holidays`, holidays);
}

/** @throws TapsealError body_invalid naming the field */
export function checkWindowRules({ windows = [], except = [] }: OfferRules): void {
  for (const [index, window] of windows.entries()) checkWindow(`windows[${index}]`, window);
  for (const [index, exception] of except.entries()) {
    if ('holidays' in exception) checkHolidays(`except[${index}].holidays`, exception.holidays);
    else checkDates(`except[${index}]`, exception);
  }
}
