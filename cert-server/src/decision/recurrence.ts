/**
 * Recurring days: RFC 5545 §3.3.10 with a start as a date, in one line (`DTSTART:20260105;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO`).
 * Which parts are allowed, and how large they may be, is checked here; which days they mean, `rrule-temporal` says. It is asked
 * for one year at a time, so that a rule without an end or without a day does a bounded amount of work. What its version 2.2.8
 * gets wrong is refused or led around; recurrence-model.test.ts compares what is left with the days that the RFC means.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { dateOfDay, dayOfDate, MS_PER_DAY, weekdayOf, yearOf } from './calendar-day.js';
import { type RecurrenceValues, weekdayNames, weekdaysOf } from './recurrence-parts.js';

/** Ten years of days. */
const COUNT_MAX = 3_660;
const INTERVAL_MAX = 1_000;
/** A rule without a day for so long has none: the rarest, a weekday on 29 February, comes within them. */
const FIRST_WITHIN_YEARS = 40;
/** Of the library: enough to count through all years that dates can have here. */
const ITERATIONS_MAX = 400_000;
const DAYS_PER_WEEK = 7;

export type Recurrence = {
  /** The first day that it can mean. */
  readonly start: number;
  /** Its parts by name, as they were written. */
  readonly values: RecurrenceValues;
  readonly rule: RRuleTemporal;
  readonly daysOfYear: Map<number, ReadonlySet<number>>;
};

const listOf = (item: string): RegExp => new RegExp(`^${item}(?:,${item})*$`);
const isUpTo =
  (maximum: number) =>
  (text: string): boolean =>
    /^[1-9]\d{0,5}$/.test(text) && Number(text) <= maximum;
const isListUpTo =
  (maximum: number, sign: string) =>
  (text: string): boolean =>
    listOf(`${sign}[1-9]\\d{0,2}`).test(text) &&
    text.split(',').every((item) => Math.abs(Number(item)) <= maximum);

/** Each part that is allowed, and whether its value can be. What parts cannot stand together, the library knows. */
const parts: Record<string, (value: string) => boolean> = {
  FREQ: (value) => ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(value),
  INTERVAL: isUpTo(INTERVAL_MAX),
  COUNT: isUpTo(COUNT_MAX),
  UNTIL: (value) => dayOfBasicDate(value) !== undefined,
  WKST: (value) => /^(?:MO|TU|WE|TH|FR|SA|SU)$/.test(value),
  BYDAY: (value) => listOf('(?:[+-]?(?:[1-9]|[1-4]\\d|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)').test(value),
  BYMONTHDAY: isListUpTo(31, '[+-]?'),
  BYMONTH: isListUpTo(12, ''),
  BYYEARDAY: isListUpTo(366, '[+-]?'),
  BYWEEKNO: isListUpTo(53, '[+-]?'),
  BYSETPOS: isListUpTo(366, '[+-]?'),
};

/** Of the year that counts the week of this day: the one that has the middle of the week. */
function weekYearOf(day: number, values: RecurrenceValues): number {
  const weekStart = weekdayNames.indexOf(values.get('WKST') ?? 'MO');
  return yearOf(day - ((weekdayOf(day) - weekStart + DAYS_PER_WEEK) % DAYS_PER_WEEK) + 3);
}

/** Combinations within a year of which the library leaves out a part, or for which the RFC leaves open what they mean. */
function checkYearly(start: number, values: RecurrenceValues): void {
  const refuse = (reason: string): never => {
    throw new RangeError(reason);
  };
  if (values.get('FREQ') !== 'YEARLY') return;
  if (values.has('BYYEARDAY')) {
    if (values.has('BYDAY')) {
      refuse('BYYEARDAY: not together with BYDAY; give the days of the week as weekdays of the window');
    }
    if (values.has('BYMONTHDAY'))
      refuse('BYYEARDAY: not together with BYMONTHDAY; use BYMONTH and BYMONTHDAY');
    if (values.has('BYWEEKNO')) refuse('BYYEARDAY: not together with BYWEEKNO; use one of them');
  }
  if (values.has('BYWEEKNO')) {
    if (values.has('BYMONTHDAY'))
      refuse('BYWEEKNO: not together with BYMONTHDAY; use BYMONTH and BYMONTHDAY');
    if (values.has('BYSETPOS')) refuse('BYWEEKNO: not together with BYSETPOS; choose the days with BYDAY');
    if (Number(values.get('INTERVAL') ?? 1) > 1 && weekYearOf(start, values) !== yearOf(start)) {
      refuse(
        'DTSTART: in a week of another year, which leaves open which years INTERVAL means; begin elsewhere',
      );
    }
  }
  const numbers = weekdaysOf(values).flatMap(({ number }) => number ?? []);
  if (numbers.length === 0 || values.has('BYMONTH')) return;
  if (values.has('BYMONTHDAY')) refuse('BYDAY: numbers not together with BYMONTHDAY; leave the numbers out');
  if (numbers.some((number) => Math.abs(number) > 52)) {
    refuse('BYDAY: within a year numbers go to 52; -1 is the last of the year and 1 the first');
  }
  if (numbers.length < weekdaysOf(values).length) {
    refuse(
      'BYDAY: within a year all days have a number or none has; give the others in a window of their own',
    );
  }
}

function dayOfBasicDate(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  return year === undefined ? undefined : dayOfDate(`${year}-${month}-${day}`);
}

/** As a new offer may have it. @throws RangeError saying what is wrong with it */
export function newRecurrence(text: string): Recurrence {
  const recurrence = parseRecurrence(text);
  checkYearly(recurrence.start, recurrence.values);
  return recurrence;
}

/** As an offer has it, which may be older than a rule that is refused by now. @throws RangeError saying what is wrong with it */
export function parseRecurrence(text: string): Recurrence {
  const [, startText = '', ruleText = ''] =
    /^DTSTART(?:;VALUE=DATE)?:(\d{8})(?:;|\r?\n)(?:RRULE:)?(.+)$/.exec(text) ?? [];
  if (ruleText === '') throw new RangeError('must be DTSTART:YYYYMMDD;FREQ=…');
  const start = dayOfBasicDate(startText);
  if (start === undefined || yearOf(start) < 1970) throw new RangeError('DTSTART: no such date from 1970 on');
  const values = new Map<string, string>();
  for (const part of ruleText.split(';')) {
    const [, name = '', value = ''] = /^([^=]*)=?(.*)$/.exec(part) ?? [];
    if (values.has(name)) throw new RangeError(`${name}: given twice`);
    if (!Object.hasOwn(parts, name)) throw new RangeError(`${name}: not a part of a recurrence of days`);
    if (!parts[name]?.(value)) throw new RangeError(`${name}: ${value} is not possible here`);
    values.set(name, value);
  }
  return { start, values, rule: ruleOf(start, values), daysOfYear: new Map() };
}

/** Days before the start can be among its days. */
function ruleOf(start: number, values: RecurrenceValues): RRuleTemporal {
  if (!values.has('BYWEEKNO')) return libraryRuleOf(start, values);
  // Left to itself, the library forgets the weekday of the start for the years that it leaps over.
  const said = new Map(values);
  if (!values.has('BYDAY')) said.set('BYDAY', weekdayNames[weekdayOf(start)] ?? '');
  if (weekYearOf(start, values) === yearOf(start)) return libraryRuleOf(start, said);
  // It begins with the weeks of the year of the start, too late for a start in the last week of the year before.
  const earlier = start - DAYS_PER_WEEK;
  if (!values.has('COUNT')) return libraryRuleOf(earlier, said);
  const endless = new Map([...said].filter(([name]) => name !== 'COUNT'));
  const before = daysBetween(libraryRuleOf(earlier, endless), earlier, start - 1).length;
  return libraryRuleOf(earlier, said.set('COUNT', String(Number(values.get('COUNT')) + before)));
}

function libraryRuleOf(start: number, values: RecurrenceValues): RRuleTemporal {
  const startText = dateOfDay(start).replaceAll('-', '');
  // Days are counted in UTC, each from its midnight.
  const ruleText = [...values].map(
    ([name, value]) => `${name}=${value}${name === 'UNTIL' ? 'T000000Z' : ''}`,
  );
  try {
    return new RRuleTemporal({
      rruleString: `DTSTART;TZID=UTC:${startText}T000000\nRRULE:${ruleText.join(';')}`,
      strict: true,
      maxIterations: ITERATIONS_MAX,
    });
  } catch (cause) {
    throw new RangeError(cause instanceof Error ? cause.message : 'cannot be read', { cause });
  }
}

function daysBetween(rule: RRuleTemporal, from: number, to: number): number[] {
  const dates = rule.between(new Date(from * MS_PER_DAY), new Date(to * MS_PER_DAY), true);
  return dates.map((date) => date.epochMilliseconds / MS_PER_DAY);
}

function daysOf({ start, rule, daysOfYear }: Recurrence, year: number): ReadonlySet<number> {
  const known = daysOfYear.get(year);
  if (known !== undefined) return known;
  const [first, last] = [Date.UTC(year, 0, 1) / MS_PER_DAY, Date.UTC(year, 11, 31) / MS_PER_DAY];
  // Asked from 1 January on, the library skips the week that began in the year before.
  const found = daysBetween(rule, first - DAYS_PER_WEEK, last);
  const days = new Set(found.filter((day) => day >= Math.max(first, start)));
  daysOfYear.set(year, days);
  return days;
}

export function recursOn(recurrence: Recurrence, day: number): boolean {
  return daysOf(recurrence, yearOf(day)).has(day);
}

/** Whether it means any day at all, as far as FIRST_WITHIN_YEARS can tell. Slow where there is none: for new offers only. */
export function hasDay({ start, values }: Recurrence): boolean {
  const endless = new Map([...values].filter(([name]) => name !== 'COUNT' && name !== 'UNTIL'));
  const rule = ruleOf(start, endless);
  const recurrence: Recurrence = { start, values: endless, rule, daysOfYear: new Map() };
  const last = dayOfBasicDate(values.get('UNTIL') ?? '') ?? Number.POSITIVE_INFINITY;
  for (let years = 0; years <= FIRST_WITHIN_YEARS; years++) {
    const [first] = daysOf(recurrence, yearOf(start) + years);
    if (first !== undefined) return first <= last;
  }
  return false;
}
