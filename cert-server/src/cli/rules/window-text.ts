/**
 * Windows as they are typed: words that all must hold, in any order. `mon-fri 08:00-12:00`, `22:00-02:00`, `-12:00`,
 * `2026-12-01..24 10:00-18:00`, `holidays:DE-BE`, `rrule:DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU`.
 */
import { InvalidArgumentError } from 'commander';
import type { Weekday, Window } from '../../decision/offer-rules.js';
import { parseTimeOfDay, parseWeekdays, weekdays } from '../option-values.js';
import { formatDateRange, parseDateRange } from './date-text.js';
import { formatHolidays, parseHolidays } from './holidays-text.js';

const RECURRENCE_CHARS_MAX = 200;
const EXAMPLES =
  'for example "mon-fri 08:00-12:00", "22:00-02:00", "2026-12-01..24 10:00-18:00", "holidays:DE-BE" or ' +
  '"rrule:DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU"';

function parseHours(word: string): Pick<Window, 'from' | 'until'> | undefined {
  const [, from, until] = /^([0-9]{1,2}:[0-9]{2})?-([0-9]{1,2}:[0-9]{2})?$/.exec(word) ?? [];
  if (from === undefined && until === undefined) return undefined;
  if (from !== undefined && until !== undefined && parseTimeOfDay(from) === parseTimeOfDay(until)) {
    throw new InvalidArgumentError(`${word} is no span of hours: leave it out for the whole day.`);
  }
  return {
    ...(from === undefined ? {} : { from: parseTimeOfDay(from) }),
    ...(until === undefined ? {} : { until: parseTimeOfDay(until) }),
  };
}

function parseRecurrence(word: string): Pick<Window, 'recurrence'> | undefined {
  const [, recurrence] = /^rrule:(.+)$/.exec(word) ?? [];
  if (recurrence === undefined) return undefined;
  if (!/^DTSTART(?:;VALUE=DATE)?:[0-9]{8};/.test(recurrence)) {
    throw new InvalidArgumentError(
      'A recurrence begins with its first day, for example rrule:DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU.',
    );
  }
  if (recurrence.length > RECURRENCE_CHARS_MAX) {
    throw new InvalidArgumentError(`A recurrence has at most ${RECURRENCE_CHARS_MAX} characters.`);
  }
  return { recurrence };
}

function parseWord(word: string): Window | undefined {
  const hours = parseHours(word) ?? parseRecurrence(word);
  if (hours !== undefined) return hours;
  const holidays = parseHolidays(word);
  if (holidays !== undefined) return { holidays };
  const dates = parseDateRange(word);
  if (dates !== undefined) return { dates };
  return /^[a-z,-]+$/i.test(word) ? { weekdays: parseWeekdays(word) } : undefined;
}

/** @throws InvalidArgumentError */
export function parseWindow(text: string): Window {
  let window: Window = {};
  const words = text.split(' ').filter((word) => word !== '');
  for (const word of words) {
    const part = parseWord(word);
    if (part === undefined) {
      throw new InvalidArgumentError(`"${word}" is no days, dates, hours, rrule: or holidays:; ${EXAMPLES}.`);
    }
    if (Object.keys(part).some((name) => name in window)) {
      throw new InvalidArgumentError(`"${word}" says again what was said; give a second --window for it.`);
    }
    window = { ...window, ...part };
  }
  if (words.length === 0) throw new InvalidArgumentError(`A window says when, ${EXAMPLES}.`);
  return window;
}

/** Spans of three days and more, single days otherwise. */
function formatWeekdays(days: readonly Weekday[]): string {
  const parts: string[] = [];
  for (let at = 0; at < weekdays.length; ) {
    let end = at;
    while (end < weekdays.length && days.some((day) => day === weekdays[end])) end++;
    const run = weekdays.slice(at, end);
    parts.push(...(run.length > 2 ? [`${run[0]}-${run.at(-1)}`] : run));
    at = end + 1;
  }
  return parts.join(',');
}

/** What `parseWindow` gives back. */
export function formatWindow(window: Window): string {
  const { from = '', until = '', weekdays: days, dates, recurrence, holidays } = window;
  const words = [
    ...(days === undefined ? [] : [formatWeekdays(days)]),
    ...(dates === undefined ? [] : [formatDateRange(dates)]),
    ...(recurrence === undefined ? [] : [`rrule:${recurrence}`]),
    ...(holidays === undefined ? [] : [formatHolidays(holidays)]),
    ...(from + until === '' ? [] : [`${from}-${until}`]),
  ];
  return words.length === 0 ? 'mon-sun' : words.join(' ');
}
