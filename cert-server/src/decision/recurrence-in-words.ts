/** A recurrence as a sentence for a venue manager. It says every part that has a meaning, so that it is as true as the days are. */
import { dateOfDay, weekdayOf } from './calendar-day.js';
import { listInWords } from './list-in-words.js';
import type { Recurrence } from './recurrence.js';
import { numbersOf, type RecurrenceValues, weekdayNames, weekdaysOf } from './recurrence-parts.js';

const units: Record<string, string> = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const pluralRules = new Intl.PluralRules('en', { type: 'ordinal' });
const suffixes: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };

/** `1st`; from the end `last`, `2nd last`. */
function ordinal(number: number): string {
  if (number === -1) return 'last';
  const size = Math.abs(number);
  return `${size}${suffixes[pluralRules.select(size)]}${number < 0 ? ' last' : ''}`;
}

function monthsInWords(numbers: readonly number[]): string {
  return listInWords(numbers.map((month) => String(months[month - 1])));
}

type Weekdays = ReturnType<typeof weekdaysOf>;

const numberedInWords = ({ number, weekday }: Weekdays[number]): string =>
  number === undefined ? String(weekdays[weekday]) : `the ${ordinal(number)} ${weekdays[weekday]}`;

/** `the 13th of the month if that is Friday` */
function monthDaysInWords(monthDays: readonly number[], ofWhat: string, byDay: Weekdays): string {
  const days = monthDays.map((number) => `the ${ordinal(number)}${number < 0 ? ' day' : ''}`);
  const named = byDay.map((day) => numberedInWords(day) + (day.number === undefined ? '' : ' of the month'));
  return listInWords(days) + ofWhat + (named.length === 0 ? '' : ` if that is ${listInWords(named, 'or')}`);
}

/** `every Friday and the 1st Monday`, `every Monday and Tuesday` */
function weekdaysInWords(byDay: Weekdays): string {
  if (byDay.every(({ number }) => number === undefined)) {
    return `every ${listInWords(byDay.map(numberedInWords))}`;
  }
  const plain = byDay.filter(({ number }) => number === undefined);
  const numbered = byDay.filter(({ number }) => number !== undefined);
  return listInWords([
    ...plain.map((day) => `every ${numberedInWords(day)}`),
    ...numbered.map(numberedInWords),
  ]);
}

/** The days that the parts name; nothing for each day. Where they name none, the start does. */
function daysInWords({ start, values }: Recurrence): string {
  const freq = values.get('FREQ') ?? '';
  const [, month = 1, dayOfMonth = 1] = dateOfDay(start).split('-').map(Number);
  const [byMonth, byMonthDay] = [numbersOf(values, 'BYMONTH'), numbersOf(values, 'BYMONTHDAY')];
  const byDay = weekdaysOf(values);
  const ofWeekday = listInWords(
    (byDay.length > 0 ? byDay : [{ weekday: weekdayOf(start) }]).map(numberedInWords),
  );

  if (values.has('BYYEARDAY')) {
    const days = numbersOf(values, 'BYYEARDAY').map((number) => `the ${ordinal(number)}`);
    return `${listInWords(days)} day of the year`;
  }
  if (values.has('BYWEEKNO')) {
    const weeks = numbersOf(values, 'BYWEEKNO').map((number) =>
      number > 0 ? `week ${number}` : `the ${ordinal(number)} week`,
    );
    return `${ofWeekday} of ${listInWords(weeks)} of the year`;
  }
  if (freq === 'WEEKLY') return ofWeekday;
  if (freq === 'DAILY') {
    if (byMonthDay.length > 0) return monthDaysInWords(byMonthDay, ' of the month', byDay);
    return byDay.length > 0 ? ofWeekday : '';
  }
  if (byDay.length > 0 && byMonthDay.length === 0) {
    const ofYear = byMonth.length > 0 ? monthsInWords(byMonth) : 'the year';
    return `${weekdaysInWords(byDay)} of ${freq === 'MONTHLY' ? 'the month' : ofYear}`;
  }
  const days = byMonthDay.length > 0 ? byMonthDay : [dayOfMonth];
  if (freq === 'MONTHLY') {
    return monthDaysInWords(days, days.every((number) => number > 0) ? '' : ' of the month', byDay);
  }
  if (byMonth.length === 0 && byMonthDay.length > 0) return monthDaysInWords(days, ' of every month', byDay);
  return monthDaysInWords(days, ` of ${monthsInWords(byMonth.length > 0 ? byMonth : [month])}`, byDay);
}

/** Only where it makes a difference; without it, weeks begin on Monday. */
function weekStartInWords(values: RecurrenceValues): string {
  const weekStart = weekdayNames.indexOf(values.get('WKST') ?? 'MO');
  const counts =
    values.has('BYWEEKNO') ||
    (values.get('FREQ') === 'WEEKLY' && (Number(values.get('INTERVAL') ?? 1) > 1 || values.has('BYSETPOS')));
  return weekStart > 0 && counts ? ` (weeks begin on ${weekdays[weekStart]})` : '';
}

/** `every 2 weeks on Monday from 2026-01-05` */
export function recurrenceInWords(recurrence: Recurrence): string {
  const { start, values } = recurrence;
  const freq = values.get('FREQ') ?? '';
  const unit = units[freq];
  const interval = Number(values.get('INTERVAL') ?? 1);
  const days = daysInWords(recurrence);
  const isYearOfMonths = freq === 'YEARLY' && !values.has('BYWEEKNO') && !values.has('BYYEARDAY');
  const byMonth = isYearOfMonths ? [] : numbersOf(values, 'BYMONTH');
  const positions = numbersOf(values, 'BYSETPOS').map((number) => `the ${ordinal(number)}`);
  const until = /^(\d{4})(\d\d)(\d\d)$/.exec(values.get('UNTIL') ?? '')?.slice(1);
  const count = values.get('COUNT');
  return [
    interval === 1 ? `every ${unit}` : `every ${interval} ${unit}s`,
    days === '' ? '' : `${freq === 'DAILY' ? ', only' : ''} on ${days}`,
    byMonth.length === 0 ? '' : `, only in ${monthsInWords(byMonth)}`,
    positions.length === 0 ? '' : `, of these only ${listInWords(positions)} in each ${unit}`,
    weekStartInWords(values),
    ` from ${dateOfDay(start)}`,
    until === undefined ? '' : ` to ${until.join('-')}`,
    count === undefined ? '' : `, ${count === '1' ? 'once' : `${count} times`} in all`,
  ].join('');
}
